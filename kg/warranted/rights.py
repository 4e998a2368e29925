"""Who may do what, and why not: roles in networks, the steps of review, and who is an author.

A role holds in one network, or in all ('*'). Every answer says what was asked for, why it is refused
and which role may, so that a page can show it before anyone tries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from warranted.errors import NotAllowed

ROLES: Final = ("contributor", "curator", "reviewer", "administrator")
EVERYWHERE: Final = "*"
SCOPES: Final = ("read", "write", "review", "admin")

_WORKERS: Final = ("contributor", "curator", "reviewer", "administrator")
_CURATORS: Final = ("curator", "administrator")
_REVIEWERS: Final = ("reviewer", "administrator")
_ADMINISTRATORS: Final = ("administrator",)

BY_MEMBERS: Final = frozenset(
    ["test", "series", "idea", "specification", "uptake", "ramp", "participation", "evidence"]
)
"""Types that any member of a network may add to; the others are a curator's, but for `_MAKERS`."""

_MAKERS: Final[Mapping[str, tuple[str, ...]]] = {
    "judgement": _REVIEWERS,
    "policy": _ADMINISTRATORS,
    "network": _ADMINISTRATORS,
    "hub": _ADMINISTRATORS,
    "assessment": (),  # computed, by `Curation.assess`
}

APPROVED_BY_OTHERS: Final = frozenset(["package", "judgement"])
"""Types whose authors may not approve them."""

DRAFTS: Final = frozenset(["draft", "returned"])
APPROVED: Final = frozenset(["accepted", "consolidated", "published"])
"""Statuses whose content was looked at by someone; a record without a status counts as well."""
HELD: Final = frozenset(["draft", "submitted", "returned", "withdrawn"])
"""Statuses in which nothing of a record is published."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of review: from which statuses to which, and whether it needs a reason in words."""

    to: str
    of: frozenset[str]
    needs_reason: bool = False


STEPS: Final[Mapping[str, Step]] = {
    "submit": Step("submitted", frozenset(["draft", "returned"])),
    "return": Step("returned", frozenset(["submitted"]), needs_reason=True),
    "accept": Step("accepted", frozenset(["submitted"])),
    "consolidate": Step("consolidated", frozenset(["accepted", "published"])),
    "publish": Step("published", frozenset(["accepted", "consolidated"])),
    "supersede": Step("superseded", APPROVED, needs_reason=True),
    "withdraw": Step(
        "withdrawn", APPROVED | DRAFTS | {"submitted", "superseded"}, needs_reason=True
    ),
    "reopen": Step("draft", APPROVED | {"submitted", "withdrawn", "superseded"}, needs_reason=True),
}
"""The steps by which a record's status changes; there is no other way."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: an account, its roles by network, and what its token allows (`SCOPES`)."""

    account: str
    label: str
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset(SCOPES)

    def in_network(self, network: str) -> frozenset[str]:
        """The roles in that network; for what belongs to none, those held anywhere."""
        if not network:
            return frozenset(r for roles in self.roles.values() for r in roles)
        return self.roles.get(network, frozenset()) | self.roles.get(EVERYWHERE, frozenset())

    def role(self, network: str) -> str:
        """The highest role in that network, as the ledger writes it down; `member` if none."""
        held = self.in_network(network)
        return next((role for role in reversed(ROLES) if role in held), "member")

    def networks(self) -> frozenset[str] | None:
        """The networks whose records it may read; None: all."""
        return None if EVERYWHERE in self.roles else frozenset(self.roles)

    def reads(self, network: str) -> bool:
        """Whether it may read records of that network; those of none are every member's."""
        return "read" in self.scopes and bool(self.in_network(network))


SYSTEM: Final = Actor("", "the command line", {EVERYWHERE: frozenset(["administrator", "curator"])})
"""Who uses the command line on the machine itself: whoever can, can change the files anyway."""


@dataclass(frozen=True, slots=True)
class About:
    """What an action is about: a record's type, network (empty: none), status, and its authors."""

    type: str
    network: str
    status: str = ""
    authors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an action is allowed; if not, why (a sentence) and the roles that may."""

    allowed: bool
    reason: str = ""
    needs: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises NotAllowed if it is not allowed."""
        if not self.allowed:
            fix = f"It takes the role {' or '.join(self.needs)} there." if self.needs else None
            raise NotAllowed(self.reason, needs=self.needs, fix=fix)


_YES: Final = Decision(True)
_WORDS: Final[Mapping[str, str]] = {
    "read": "read it",
    "create": "create it",
    "edit": "change it",
    "delete": "delete it",
    "purge": "remove it with its history",
    "merge": "merge ideas",
    "import": "import records",
    "assign": "give it to someone to review",
    "comment": "comment on it",
    "clear": "clear a privacy warning",
    "assess": "keep an assessment of it",
    "moderate": "decide on what was sent from outside",
    "administer": "administer the network",
}
ACTIONS: Final = (*_WORDS, *STEPS)
"""Every action there is a rule for."""

_SCOPE: Final[Mapping[str, str]] = {
    "read": "read",
    "return": "review",
    "accept": "review",
    "moderate": "review",
    "publish": "review",
    "clear": "review",
    "purge": "admin",
    "administer": "admin",
}


def decide(actor: Actor | None, action: str, about: About) -> Decision:
    """Whether `actor` (None: a stranger) may do `action` (one of `ACTIONS`), and why not.

    Raises:
        KeyError: there is no rule for the action.
    """
    words = _WORDS.get(action) or f"{action} it"
    needs = _roles_for(action, about)
    if actor is None:
        return Decision(False, f"Only members of its network may {words}; sign in first.", needs)
    scope = _SCOPE.get(action, "write")
    if scope not in actor.scopes:
        return Decision(False, f"This token does not allow that: it lacks the scope '{scope}'.")
    held = actor.in_network(about.network)
    if not held & set(needs):
        whose = "in its network" if about.network else "anywhere"
        said = f"you are {_listed(held)} there" if held else f"you have no role {whose}"
        return Decision(False, f"You may not {words}: {said}.", needs)
    return _by_status(actor, action, about, held) or _YES


def _by_status(actor: Actor, action: str, about: About, held: frozenset[str]) -> Decision | None:
    own = bool(actor.account) and actor.account in about.authors
    curates = bool(held & set(_CURATORS))
    if action in ("edit", "submit", "withdraw", "delete") and not curates:
        if not own and not (about.type == "judgement" and held & set(_REVIEWERS)):
            return Decision(False, "You may change only what you wrote yourself.", _CURATORS)
        if action == "delete" and about.status not in DRAFTS:
            return Decision(False, "Only a draft can be deleted by its author.", _CURATORS)
        if action in ("edit", "withdraw") and about.status == "submitted":
            return Decision(
                False,
                "It was handed in for review; it can be changed when it is returned.",
                _CURATORS,
            )
    if action in STEPS:
        step = STEPS[action]
        # what was loaded without a status was looked at before
        status = about.status or "accepted"
        if status not in step.of:
            allowed = ", ".join(sorted(step.of))
            return Decision(
                False, f"A record that is {status} cannot be {step.to}; only one that is {allowed}."
            )
        if action in ("accept", "publish") and about.type in APPROVED_BY_OTHERS and own:
            return Decision(
                False,
                f"You wrote part of this {about.type}; someone else has to {action} it.",
                _roles_for(action, about),
            )
    return None


def _roles_for(action: str, about: About) -> tuple[str, ...]:
    if action in ("read", "comment", "submit", "edit", "withdraw", "delete"):
        # who may change a record of another's is decided by its status and authors
        return _WORKERS
    if action == "create":
        return _MAKERS.get(about.type, _WORKERS if about.type in BY_MEMBERS else _CURATORS)
    if action in ("return", "accept"):
        if about.type in APPROVED_BY_OTHERS:
            return _REVIEWERS
        return ("curator", "reviewer", "administrator")
    if action == "publish":
        return _REVIEWERS if about.type in APPROVED_BY_OTHERS else _CURATORS
    if action in ("clear", "assess"):
        return ("curator", "reviewer", "administrator") if action == "assess" else _REVIEWERS
    if action in ("purge", "administer"):
        return _ADMINISTRATORS
    if action in ("merge", "import", "assign", "consolidate", "supersede", "reopen", "moderate"):
        return _CURATORS
    raise KeyError(action)


def _listed(held: frozenset[str]) -> str:
    return " and ".join(role for role in ROLES if role in held)
