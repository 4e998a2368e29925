"""What could point to somebody is held at the gate until a reviewer has looked at it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from warranted.errors import GateFailed
from warranted.release import Release

Publish = Callable[..., Release]
Change = Callable[..., None]

PARTS = "<measure/m1> , <series/x1>"
SITES = """
<site/a> a nic:Site ; rdfs:label "Site A" ; nic:ofNetwork <network/n1> ; nic:hasContext <site/a#c> .
<site/a#c> a nic:ContextProfile ; nic:facetValue nics:locality\\/rural , nics:level\\/primary .
<site/b> a nic:Site ; rdfs:label "Site B" ; nic:ofNetwork <network/n1> ; nic:hasContext <site/b#c> .
<site/b#c> a nic:ContextProfile ; nic:facetValue nics:locality\\/rural , nics:level\\/primary .
"""
BOTH = (PARTS, f"{PARTS} , <site/a> , <site/b>")


def test_two_sites_alike_are_published(publish: Publish, change: Change) -> None:
    change(BOTH, more=SITES)
    publish()


def test_a_site_that_its_facets_single_out_is_held(publish: Publish, change: Change) -> None:
    change(BOTH, more=SITES.replace("level\\/primary .\n<site/b> ", "level\\/college .\n<site/b> "))
    with pytest.raises(GateFailed) as held:
        publish()
    reasons = held.value.reasons
    assert [r.partition(":")[0] for r in reasons] == ["site 'Site A'", "site 'Site B'"]
    assert all("no other site of the network has this combination" in r for r in reasons)


def test_a_reviewer_clears_what_is_harmless(publish: Publish, change: Change) -> None:
    told = SITES.replace("level\\/primary .\n<site/b> ", "level\\/college .\n<site/b> ")
    shape = "<https://w3id.org/warranted/shapes#across-singled-out>"
    cleared = told.replace("nic:ofNetwork", f"nic:cleared {shape} ; nic:ofNetwork")
    change(BOTH, more=cleared)
    publish()


def test_words_like_a_name_wait_for_a_reviewer(publish: Publish, change: Change) -> None:
    text = ("A slip asks for an answer", "Dr. Blank asks for an answer")
    change(text)
    with pytest.raises(GateFailed, match="something like a person's name"):
        publish()
    shape = "<https://w3id.org/warranted/shapes#text-nic-summary-person>"
    change(
        text,
        ("<idea/i1> a nic:ChangeIdea ;", f"<idea/i1> a nic:ChangeIdea ; nic:cleared {shape} ;"),
    )
    publish()


def test_a_clearance_is_for_one_warning_only(publish: Publish, change: Change) -> None:
    shape = "<https://w3id.org/warranted/shapes#text-rdfs-label-person>"
    change(
        ("A slip asks for an answer", "Dr. Blank asks for an answer"),
        ("<idea/i1> a nic:ChangeIdea ;", f"<idea/i1> a nic:ChangeIdea ; nic:cleared {shape} ;"),
    )
    with pytest.raises(GateFailed, match="something like a person's name"):
        publish()


def test_ideas_of_one_name_are_no_obstacle(publish: Publish, change: Change) -> None:
    twin = '<idea/i2> a nic:ChangeIdea ; rdfs:label "Exit Ticket with a reason line" ; nic:ofNetwork <network/n1> ; nic:addressesDriver <driver/d1> .'
    change((PARTS, f"{PARTS} , <idea/i2>"), more=twin)
    publish()
