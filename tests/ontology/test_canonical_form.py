"""The Turtle files that people edit have one layout, and putting them in it loses nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted import resources
from warranted.turtle_form import FormError, formed, main

FILES = sorted(
    [
        *resources.ontology().glob("*.ttl"),
        *resources.ontology().glob("*/*.ttl"),
        *resources.shapes().glob("*.ttl"),
    ]
)
SMALL = """# A file.

@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix unused: <urn:unused#> .

# ---- Part one ----
<urn:a> rdfs:comment "a; b. c, # d [" ;
  nic:value 2.040 , "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> ; nic:dose "x"@en-GB ;
     rdfs:label "A"@en ; a nic:Thing .
<urn:b> sh:or ( [ nic:p true ; nic:q ( 1 2 ) ] [ nic:p false ] ) .
"""


def triples(text: str) -> ox.Dataset:
    found = ox.Dataset(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_file_is_in_its_form(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert formed(text, name=file.name) == text, f"{file.name}: run make format"


def test_layout() -> None:
    assert formed(SMALL) == (
        "# A file.\n\n"
        "@prefix nic: <https://w3id.org/warranted/ns#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n\n"
        "# ---- Part one ----\n"
        "<urn:a> a nic:Thing ;\n"
        '    rdfs:label "A"@en ;\n'
        '    rdfs:comment "a; b. c, # d [" ;\n'
        '    nic:value 2.040 , "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> ;\n'
        '    nic:dose "x"@en-GB .\n\n'
        "<urn:b> sh:or ( [ nic:p true ; nic:q ( 1 2 ) ] [ nic:p false ] ) .\n"
    )


@given(st.randoms(use_true_random=False))
def test_any_layout_comes_to_the_same_triples_and_stays(rng: random.Random) -> None:
    head, _, body = SMALL.partition("# ---- Part one ----\n")
    spaced = "".join(
        rng.choice((" ", "\n", "\t  ")) if c == " " and rng.random() < 0.2 else c for c in head
    )
    text = spaced if "# A file." in spaced else head
    statements = body.strip().split("\n<urn:b>")
    text += "# ---- Part one ----\n" + rng.choice(("\n\n", "\n")).join(
        [statements[0], f"<urn:b>{statements[1]}"]
    )
    once = formed(text)
    assert triples(once) == triples(text)
    assert formed(once) == once
    assert "2.040" in once
    assert "# ---- Part one ----" in once


def test_order_of_properties_does_not_matter() -> None:
    swapped = SMALL.replace('rdfs:label "A"@en ; a nic:Thing', 'a nic:Thing ; rdfs:label "A"@en')
    assert formed(swapped) == formed(SMALL)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<urn:a> <urn:p> .\n", "bad.ttl: "),
        ("<urn:a> <urn:p> # why\n 1 .\n", "bad.ttl, line 1: a comment stands inside a statement"),
    ],
)
def test_what_cannot_be_formed_is_said(text: str, said: str) -> None:
    with pytest.raises(FormError, match=said):
        formed(text, name="bad.ttl")


def test_check_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.ttl"
    file.write_text(SMALL, encoding="utf-8")
    assert main(["--check", str(file)]) == 1
    assert file.read_text(encoding="utf-8") == SMALL
    assert "not in its form" in capsys.readouterr().out
    assert main([str(file)]) == 0
    assert main(["--check", str(file)]) == 0
