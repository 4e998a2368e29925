"""The gate: what holds a release back, with every reason, and what goes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from made import files, graphs

from warranted import questions, release
from warranted.errors import GateFailed
from warranted.release import Release
from warranted.settings import Settings

Publish = Callable[..., Release]
Change = Callable[..., None]


def test_with_nothing_published_there_is_no_release(
    publish: Publish, change: Change, settings: Settings
) -> None:
    change(("lifecycle\\/published", "lifecycle\\/draft"))
    with pytest.raises(GateFailed, match="No package has the lifecycle status published"):
        publish()
    assert release.latest(settings) is None


def test_a_draft_package_is_nowhere_in_the_release(
    publish: Publish, change: Change, settings: Settings
) -> None:
    secret = "Not yet for others"
    change()
    change(
        ("package/k1", "package/k2"),
        ("reasons-in-algebra", "secret"),
        ("lifecycle\\/published", "lifecycle\\/draft"),
        ("Ways to have learners say why.", secret),
        ("idea/i1", "idea/i2"),
        ("A slip asks", f"{secret}: a slip asks"),
    )
    made = publish()
    assert graphs(made) & {"package/k2", "idea/i2", "assessment/i2"} == set()
    for path in [*made.folder.rglob("*"), *settings.html.rglob("*")]:
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def held_as(status: str) -> tuple[str, str]:
    return ("a nic:ChangeIdea ;", f"a nic:ChangeIdea ; nic:lifecycle nics:lifecycle\\/{status} ;")


@pytest.mark.parametrize("status", ["draft", "submitted", "returned"])
def test_a_part_that_was_never_approved_holds_the_release(
    publish: Publish, change: Change, status: str
) -> None:
    change(held_as(status))
    with pytest.raises(
        GateFailed, match=f"idea 'Exit ticket with a reason line', which is {status}"
    ):
        publish()


@pytest.mark.parametrize("status", ["draft", "submitted", "returned"])
def test_a_part_in_revision_is_published_as_it_was_last_approved(
    publish: Publish, change: Change, settings: Settings, status: str
) -> None:
    change()
    publish()
    change(held_as(status), ("Exit ticket with a reason line", "Words that nobody approved"))
    made = publish(force=True)
    dump = (made.dumps / "all.nq").read_text(encoding="utf-8")
    assert "Exit ticket with a reason line" in dump
    assert "Words that nobody approved" not in dump
    for path in [*made.folder.rglob("*"), *settings.html.rglob("*")]:
        if path.is_file():
            assert b"Words that nobody approved" not in path.read_bytes(), path


def test_a_part_that_was_withdrawn_holds_the_release(
    publish: Publish, change: Change, settings: Settings
) -> None:
    status = "withdrawn"
    change()
    made = publish()
    before = files(settings.html)
    change(held_as(status))
    with pytest.raises(GateFailed) as held:
        publish()
    (reason,) = held.value.reasons
    assert "package 'Reasons in algebra'" in reason
    assert "idea 'Exit ticket with a reason line'" in reason
    assert status in reason
    latest = release.latest(settings)
    assert latest is not None
    assert latest.id == made.id
    assert files(settings.html) == before
    assert [r.id for r in release.every(settings)] == [made.id]


def test_a_part_that_is_missing_holds_the_release(publish: Publish, change: Change) -> None:
    change(("<measure/m1> , <series/x1>", "<measure/m1> , <series/x1> , <test/gone>"))
    with pytest.raises(GateFailed, match=r"names <.*/id/test/gone>, which is not recorded"):
        publish()


def test_a_warning_holds_what_was_not_made_from_a_publication(
    publish: Publish, change: Change
) -> None:
    change(("<aim/a1> a nic:Aim ;\n    nic:harvested true ;", "<aim/a1> a nic:Aim ;"))
    with pytest.raises(GateFailed) as held:
        publish()
    assert held.value.reasons
    assert all(r.startswith("aim 'More learners give a reason': ") for r in held.value.reasons)


@pytest.mark.parametrize("marked", ["package", "part"])
def test_made_up_and_real_records_do_not_mix(publish: Publish, change: Change, marked: str) -> None:
    where = {
        "package": "<package/k1> a nic:ChangePackage ;",
        "part": "<driver/d1> a nic:PrimaryDriver ;",
    }
    change((where[marked], f"{where[marked]} nic:illustrative true ;"))
    with pytest.raises(GateFailed, match="illustrative; "):
        publish()


NEXT = (
    "nic:packageOf <network/n1> ;",
    "nic:packageOf <network/n1> ; <http://www.w3.org/ns/dcat#previousVersion> <package/k2> ;",
)


def test_a_package_may_name_another_that_is_published(publish: Publish, change: Change) -> None:
    change(
        ("package/k1", "package/k2"), ("reasons-in-algebra", "earlier"), ("One school", "No school")
    )
    change(NEXT)
    made = publish()
    assert {"package/k1", "package/k2"} <= graphs(made)
    assert "No school only." not in (made.dumps / "reasons-in-algebra.ttl").read_text()


def test_a_package_that_is_not_published_is_not_even_named(
    publish: Publish, change: Change
) -> None:
    change(
        ("package/k1", "package/k2"),
        ("reasons-in-algebra", "earlier"),
        ("lifecycle\\/published", "lifecycle\\/draft"),
    )
    change(NEXT)
    with pytest.raises(GateFailed, match="which is not published; publish it or take it out"):
        publish()


def test_two_packages_cannot_share_a_name(publish: Publish, change: Change) -> None:
    change()
    change(("package/k1", "package/k2"))
    with pytest.raises(GateFailed, match=r"'reasons-in-algebra'.*taken"):
        publish()


# ---- the competency questions ----

EVIDENCE = """
<evidence/e1> a nic:ExternalEvidence ; rdfs:label "A study elsewhere"@en ; nic:harvested true ;
    nic:studyDesign nics:study-design\\/before-after ; nic:findingText "It went up."@en ;
    nic:place "A clinic" ; nic:bearsOn <idea/i1> ;
    nic:reference [ a nic:SourceReference ; nic:source <source/s1> ; nic:locator "p. 2" ] .
"""


def ask_as(monkeypatch: pytest.MonkeyPatch, key: str, **changed: object) -> None:
    """Let one question be another than it is."""
    asked = tuple(
        replace(q, **changed) if q.key == key else q  # type: ignore[arg-type]
        for q in questions.questions()
    )
    monkeypatch.setattr("warranted.questions.questions", lambda: asked)


def test_a_question_that_should_find_something_and_does_not_holds_the_release(
    publish: Publish, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = "<measure/m1> , <series/x1>"
    change((parts, f"{parts} , <evidence/e1>"), more=EVIDENCE)
    publish()
    # The same, had the finding another name than the question asks for.
    asked = next(q for q in questions.questions() if q.key == "cq06-external-evidence")
    text = asked.text.replace("nic:findingText", "nic:findingOtherwise")
    ask_as(monkeypatch, asked.key, query=replace(asked.query, text=text))
    with pytest.raises(GateFailed) as held:
        publish(force=True)
    (reason,) = held.value.reasons
    assert "'cq06-external-evidence'" in reason
    assert "finds nothing, though the release holds 1 of the class ExternalEvidence" in reason


def test_a_question_that_should_find_nothing_and_does_holds_the_release(
    publish: Publish, change: Change, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    change()
    made = publish()
    ask_as(monkeypatch, "cq03-ideas-nobody-tested", gate=questions.NONE)
    with pytest.raises(GateFailed, match=r"should find nothing and finds .*idea/i1"):
        publish(force=True)
    latest = release.latest(settings)
    assert latest is not None
    assert latest.id == made.id
    assert not [p for p in (settings.data / "releases").iterdir() if p.name.startswith(".tmp")]


def test_a_question_that_cannot_be_asked_holds_the_release(
    publish: Publish, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    change()
    asked = next(q for q in questions.questions() if q.key == "cq03-ideas-nobody-tested")
    ask_as(monkeypatch, asked.key, query=replace(asked.query, text="SELECT ? {"))
    with pytest.raises(GateFailed, match="'cq03-ideas-nobody-tested' could not be asked"):
        publish()
