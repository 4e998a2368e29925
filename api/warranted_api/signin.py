"""Sign-in by OpenID Connect: the authorization code flow with PKCE, at one provider.

What a sign-in must remember until the provider sends the browser back stands in an encrypted cookie
of ten minutes. So any server with the same client secret can finish what another one began.

Sources: OpenID Connect Core 1.0, 3.1 (3.1.3.7: the ID token) and Discovery 1.0; RFC 7636 (PKCE);
RFC 9207 (`iss` in the answer); RFC 6265bis (the cookie prefix `__Host-`).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from joserfc import jwe, jwk, jws, jwt
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64encode
from starlette.concurrency import run_in_threadpool

from warranted.errors import InputError
from warranted_api.http import only
from warranted_api.problems import Refused
from warranted_api.who import COOKIES, from_here

ALGORITHMS: Final = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}  # and the keys they take
BEGUN: Final = ("__Host-warranted_signing_in", "warranted_signing_in")  # over HTTPS, HTTP
TIME: Final = 600  # seconds someone may take at the provider
SECONDS: Final = 10  # that one call to the provider may take in all
MOST: Final = 1_000_000  # bytes the provider may answer with
KEPT: Final = 3600  # seconds for which its description and its keys are kept
LEEWAY: Final = 60  # seconds by which its clock may differ from ours
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
# Browsers take "\" for "/" and drop tabs and line ends, so these could lead to another site.
_LOCAL: Final = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]{0,999}")
_NO_STORE: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_AGAIN: Final = "This sign-in ran out, was used, or began in another browser. Sign in again."
_SILENT: Final = "The sign-in provider cannot be reached, or does not answer as it should."

log = logging.getLogger(__name__)


class SessionPort(Protocol):
    """Where sessions are kept. Both methods may block: they run in a thread."""

    def sign_in(self, issuer: str, subject: str, label: str) -> str:
        """The token of a new session of whom `issuer` knows as `subject`; `label` proves nothing."""

    def sign_out(self, token: str) -> None:
        """End the session of `token`, if there is one."""


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """The provider, exactly as it calls itself, and this client of it; `base`: this server's address.

    Raises:
        InputError: one is missing or unfit; it names the field.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    base: str
    scopes: str = "openid"

    def __post_init__(self) -> None:
        for name, fits, wanted in (
            ("issuer", _fit(self.issuer) and "?" not in self.issuer, "an https address"),
            ("client_id", self.client_id, "what the provider calls this server"),
            ("client_secret", self.client_secret, "what the provider gave for it"),
            ("base", _fit(self.base) and "?" not in self.base, "an https address"),
            ("scopes", "openid" in self.scopes.split(), "a list with openid in it"),
        ):
            if not fits:
                raise InputError(f"'{name}' should be {wanted}.", field=name)

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends the browser back to; it is registered there."""
        return f"{self.base.rstrip('/')}/hub/signed-in"


def router(oidc: OidcSettings, sessions: SessionPort, *, secure: bool) -> APIRouter:
    """The routes of signing in and out; `secure`: the server is reached over HTTPS alone."""
    routes = APIRouter(include_in_schema=False)
    provider, spent = _Provider(oidc), dict[str, float]()
    secret = hmac.digest(oidc.client_secret.encode(), b"warranted: a sign-in under way", "sha256")
    key = jwk.OctKey.import_key(secret)
    session_cookie, begun_cookie = (names[0 if secure else 1] for names in (COOKIES, BEGUN))

    def put(response: Response, name: str, value: str, age: int | None = None) -> None:
        response.set_cookie(name, value, age, secure=secure, httponly=True, samesite="lax")

    @routes.get("/hub/sign-in")
    async def sign_in(request: Request) -> Response:
        """Send the browser to the provider; `next` is the page it comes back to.

        Raises:
            Refused: 400, `next` is no path of this server; 502, the provider cannot be asked.
        """
        only(request, ("next",))
        page = request.query_params.get("next", "/hub/")
        if not _LOCAL.fullmatch(page):
            raise Refused(400, "'next' should be a path of this server, such as /hub/.")
        place = (await provider.described())["authorization_endpoint"]
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "response_type": "code",
            "client_id": oidc.client_id,
            "redirect_uri": oidc.redirect_uri,
            "scope": oidc.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in place else "?"
        response = RedirectResponse(f"{place}{joint}{urlencode(asked)}", 303, _NO_STORE)
        begun = {"state": state, "nonce": nonce, "verifier": verifier, "next": page}
        put(response, begun_cookie, _seal(key, begun), TIME)
        return response

    @routes.get("/hub/signed-in")
    async def signed_in(request: Request) -> Response:
        """Where the provider sends the browser back to: check all, open a session, go on.

        Raises:
            Refused: 400, begin again; 403, the provider says no; 502, it or its ID token is unsound.
        """
        begun = _open(key, request.cookies.get(begun_cookie, ""))
        state = _one(request, "state")
        # A wrong state leaves the cookie: else any page could break a sign-in under way.
        if begun is None or not hmac.compare_digest(state.encode(), begun["state"].encode()):
            raise Refused(400, _AGAIN, _NO_STORE)
        response = RedirectResponse(begun["next"], 303, _NO_STORE)
        put(response, begun_cookie, "", 0)
        try:
            code = _code(request, await provider.described())
            token = await provider.exchange(code, begun["verifier"])
            claims = await provider.claims(token, begun["nonce"])
            for old in [old for old, until in spent.items() if until < time.monotonic()]:
                del spent[old]
            if state in spent:
                raise Refused(400, _AGAIN)
            spent[state] = time.monotonic() + TIME
        except Refused as error:
            error.headers |= _NO_STORE | {"Set-Cookie": response.headers["set-cookie"]}
            raise
        label = _label(claims)
        session = await run_in_threadpool(sessions.sign_in, oidc.issuer, claims["sub"], label)
        put(response, session_cookie, session)
        return response

    @routes.post("/hub/sign-out")
    async def sign_out(request: Request) -> Response:
        """End the session, here and not at the provider, and go to the hub's first page.

        Raises:
            Refused: 403, the request comes from a page of another site.
        """
        if not from_here(request):
            raise Refused(403, "This was sent from a page of another site.")
        response = RedirectResponse("/hub/", 303, _NO_STORE)
        for token in filter(None, map(request.cookies.get, COOKIES)):
            await run_in_threadpool(sessions.sign_out, token)
        put(response, session_cookie, "", 0)
        return response

    return routes


class _Provider:
    """What is asked of the provider, server to server."""

    def __init__(self, oidc: OidcSettings) -> None:
        self._oidc = oidc
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    async def described(self) -> dict[str, Any]:
        """What the provider says of itself (Discovery 1.0, 4.3). Refused: 502, it is not sound."""
        place = f"{self._oidc.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await self._read(place)
        endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if found.get("issuer") == self._oidc.issuer and all(_fit(found.get(e)) for e in endpoints):
            return found
        self._kept.pop(place, None)  # it may be put right any time
        log.warning("the sign-in provider names another issuer, or an address that is not https")
        raise Refused(502, _SILENT)

    async def exchange(self, code: str, verifier: str) -> str:
        """The ID token the code stands for (Core 3.1.3). Refused: 400, for none; 502, it fails."""
        found = await self.described()
        id_, secret, back = self._oidc.client_id, self._oidc.client_secret, self._oidc.redirect_uri
        form = {"code": code, "code_verifier": verifier, "redirect_uri": back}
        form["grant_type"] = "authorization_code"
        ways, auth = found.get("token_endpoint_auth_methods_supported"), None
        if not isinstance(ways, list) or "client_secret_basic" in ways:
            auth = httpx.BasicAuth(quote_plus(id_), quote_plus(secret))  # RFC 6749, 2.3.1
        else:
            form |= {"client_id": id_, "client_secret": secret}
        status, answer = await _call("POST", found["token_endpoint"], form, auth)
        if status == 400 and answer.get("error") == "invalid_grant":
            raise Refused(400, _AGAIN)
        if status == 200 and isinstance(token := answer.get("id_token"), str):
            return token
        log.warning("the sign-in provider gave no ID token: status %d", status)
        raise Refused(502, _SILENT)

    async def claims(self, token: str, nonce: str) -> dict[str, Any]:
        """What the ID token says, if it holds (Core 3.1.3.7). Refused: 502, it does not."""
        wanted = {"iss": self._oidc.issuer, "aud": self._oidc.client_id, "nonce": nonce}
        rules: dict[str, jwt.ClaimsOption]
        rules = {name: {"essential": True, "value": value} for name, value in wanted.items()}
        rules |= {name: {"essential": True} for name in ("sub", "exp", "iat")}
        try:
            header = jws.extract_compact(token.encode()).headers()
            alg, kid = header["alg"], header.get("kid")
            if alg not in ALGORITHMS:
                raise ValueError("the algorithm is not allowed")
            keys = await self._keys(alg, kid) or await self._keys(alg, kid, fresh=True)
            if len(keys) != 1:
                raise ValueError("not exactly one key fits")
            # Providers put parameters of their own into headers; "crit" is heeded all the same.
            lax = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
            claims = jwt.decode(token, jwk.import_key(keys[0]), [alg], lax).claims
            jwt.JWTClaimsRegistry(None, LEEWAY, **rules).validate(claims)
            several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
            azp = claims.get("azp", None if several else wanted["aud"])
            if azp != wanted["aud"] or not re.fullmatch(r"[\x20-\x7e]{1,255}", claims["sub"]):
                raise ValueError("its azp or sub is not fit")
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            log.warning("an ID token was refused: %.100r", str(error))
            raise Refused(502, "The sign-in provider sent a proof that does not hold.") from None
        return claims

    async def _keys(self, alg: str, kid: str | None, *, fresh: bool = False) -> list[Any]:
        """The provider's keys that may have signed; `fresh`: it is asked anew."""
        found = (await self._read((await self.described())["jwks_uri"], fresh)).get("keys")
        fits = {"kty": ALGORITHMS[alg], "use": "sig", "alg": alg}
        return [
            key
            for key in (found if isinstance(found, list) else [])
            if isinstance(key, dict)
            and all(key.get(name, value) == value for name, value in fits.items())
            and (kid is None or key.get("kid") == kid)
        ]

    async def _read(self, url: str, fresh: bool = False) -> dict[str, Any]:
        until, kept = self._kept.get(url, (0.0, {}))
        if not fresh and time.monotonic() < until:
            return kept
        status, found = await _call("GET", url)
        if status != 200:
            log.warning("the sign-in provider answered %d at %s", status, url)
            raise Refused(502, _SILENT)
        self._kept[url] = (time.monotonic() + KEPT, found)
        return found


def _seal(key: jwk.OctKey, begun: Mapping[str, str]) -> str:
    """`begun` for the browser to keep, which can neither read nor change it; good for `TIME`."""
    text = json.dumps({**begun, "until": time.time() + TIME})
    return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, text, key)


def _open(key: jwk.OctKey, text: str) -> dict[str, Any] | None:
    """What was sealed; None if it is not ours or has run out."""
    try:
        opened = jwe.decrypt_compact(text.encode(), key, ["dir", "A256GCM"])
        found = json.loads(opened.plaintext or b"")
    except (JoseError, ValueError):
        return None
    return found if found["until"] > time.time() else None


def _code(request: Request, described: Mapping[str, Any]) -> str:
    """The code in the provider's answer. Refused: 403, it is a no; 502, a failure; 400, neither."""
    named = described.get("authorization_response_iss_parameter_supported") is True
    if (named or "iss" in request.query_params) and _one(request, "iss") != described["issuer"]:
        raise Refused(400, "The answer is not from the sign-in provider it was asked of.")
    if "error" in request.query_params:
        if _one(request, "error") == "access_denied":
            raise Refused(403, "The sign-in was refused at the provider.")
        raise Refused(502, "The sign-in failed at the provider. Try again later.")
    if code := _one(request, "code"):
        return code
    raise Refused(400, _AGAIN)


async def _call(
    method: str, url: str, form: dict[str, str] | None = None, auth: httpx.Auth | None = None
) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of an answer. Refused: 502, there is none in time, or it is too long."""
    headers = {"Accept-Encoding": "identity"}  # unpacked it could grow past the limit
    whole = bytearray()
    remote = urlsplit(url).hostname not in _LOOPBACK
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=remote) as client,
            client.stream(method, url, data=form, auth=auth, headers=headers) as answer,
        ):
            async for chunk in answer.aiter_raw():
                whole += chunk
                if len(whole) > MOST:
                    raise ValueError("too long")
        if not isinstance(found := json.loads(whole), dict):
            raise ValueError
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError) as error:
        log.warning("the sign-in provider failed at %s: %s", url, type(error).__name__)
        raise Refused(502, _SILENT) from None
    return answer.status_code, found


def _fit(url: object) -> bool:
    """Whether `url` may be called: https, or http on this machine; no user name, no fragment."""
    if not isinstance(url, str) or re.search(r"[\x00-\x20\x7f\\#]", url):
        return False
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return False
    return whole and parts.scheme in ("https", "http" if parts.hostname in _LOOPBACK else "https")


def _one(request: Request, name: str) -> str:
    """The parameter's value; empty if it is missing or there twice (RFC 6749, 3.1)."""
    values = request.query_params.getlist(name)
    return values[0] if len(values) == 1 else ""


def _label(claims: Mapping[str, Any]) -> str:
    """A name to show: the first the ID token has, else the subject."""
    told = (claims.get(name) or "" for name in ("name", "preferred_username", "email"))
    texts = ("".join(filter(str.isprintable, str(text))).strip() for text in told)
    return next(filter(None, texts), str(claims["sub"]))[:100]
