"""The ladder of documentation: recorded, reusable, publishable; and the next step up.

Recorded: no shape is violated. Reusable: no shape warns, so that someone elsewhere can use it without
a phone call. Publishable: no shape on privacy warns either. The rungs are the severities and groups
of the shapes; this adds nothing to them. (`documentation.md`; Yeager et al. 2013.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from warranted import shape_model
from warranted.validation import Result

RUNGS = ("refused", "recorded", "reusable", "publishable")

PRIVACY = "Privacy"
"""Label of the group whose warnings always hold a release back."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a record stands.

    Attributes:
        rung: one of `RUNGS`.
        next_rung: the rung above, None at the top.
        step: what to do next, in the words of the form; None at the top.
        remaining: how many results keep it from the next rung.
        advice: what would make it better still.
    """

    rung: str
    next_rung: str | None
    step: str | None
    remaining: int
    advice: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The standing as plain values."""
        return {
            "rung": self.rung,
            "next": self.next_rung,
            "step": self.step,
            "remaining": self.remaining,
            "advice": list(self.advice),
        }


def standing(
    results: Iterable[Result],
    model: shape_model.ShapeModel | None = None,
    *,
    cleared: Collection[str] = (),
) -> Standing:
    """The rung that the results of one record leave it on.

    Args:
        results: what the shapes say of it, in the order of its form.
        model: the shapes, which say whether a warning holds; those that ship if None.
        cleared: IRIs of shapes on privacy whose warnings a reviewer has let pass.
    """
    model = model or shape_model.shipped()
    every = list(results)
    by_rung: dict[str, list[Result]] = {"recorded": [], "reusable": [], "publishable": []}
    for result in every:
        if result.severity == "Violation":
            by_rung["recorded"].append(result)
        elif result.severity == "Warning" and result.group == PRIVACY:
            if result.shape not in cleared:
                by_rung["publishable"].append(result)
        elif result.severity == "Warning" and holds(result, model):
            by_rung["reusable"].append(result)
    advice = tuple(dict.fromkeys(r.message for r in every if r.severity == "Info"))
    below = "refused"
    for rung, keeping in by_rung.items():
        if keeping:
            return Standing(below, rung, keeping[0].message, len(keeping), advice)
        below = rung
    return Standing("publishable", None, None, 0, advice)


def holds(result: Result, model: shape_model.ShapeModel) -> bool:
    """Whether a warning holds a release back; not if it is about what is past (a late prediction)."""
    info = model.info(result.shape)
    return info is None or info.holds
