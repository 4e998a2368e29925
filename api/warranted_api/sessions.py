"""What a sign-in gives: a token of an account without a role, until an administrator gives it one."""

from __future__ import annotations

from typing import Final

from warranted.errors import InputError
from warranted.ledger.accounts import Accounts
from warranted.settings import Settings
from warranted_api.signin import OidcSettings

DAYS: Final = 0.5
"""How long a sign-in lasts."""


class Sessions:
    """Sign-ins as tokens in the ledger: they end, and can be revoked like any other."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def sign_in(self, issuer: str, subject: str, label: str) -> str:  # noqa: ARG002
        """The token of who a provider says it is.

        Args:
            label: what it is called; the provider's word for it is not kept, it may be a name.
        """
        account = self._accounts.of_subject(issuer, subject, "signed in by the provider")
        scopes = ("read", "write", "review", "admin")
        return self._accounts.issue(account, scopes=scopes, days=DAYS, label="sign-in")[0]

    def sign_out(self, token: str) -> None:
        """Let the token open nothing from now on."""
        actor, _ = self._accounts.open(token)
        if actor is not None:
            self._accounts.revoke(token.split("_")[1])


def configured(settings: Settings) -> OidcSettings | None:
    """The provider the settings name, or None.

    Raises:
        InputError: they name only part of it.
    """
    given = {
        "oidc_issuer": settings.oidc_issuer,
        "oidc_client_id": settings.oidc_client_id,
        "oidc_client_secret": settings.oidc_client_secret,
    }
    if not any(given.values()):
        return None
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise InputError(
            "Sign-in by OpenID Connect is only half set up.",
            field=missing[0],
            fix=f"Set {' and '.join(missing)}, or none of them.",
        )
    return OidcSettings(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, base
    )
