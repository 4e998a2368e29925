"""The Turtle files that people edit have one layout, and putting them in it loses nothing."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
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
ODD = r"""# Of what Turtle allows and our files seldom use.

@prefix : <urn:d#> .
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

# Above.
:a nic:value 2.040 , 1.5e3 , -0 , +07 , true , false ; nic:dose 'it\'s' , '''two
 lines''' .  # behind

:b nic:narrative '''A text ; with [ marks ] .


# no comment, after two empty lines'''@en .
[ nic:p :a ] nic:q ( ) .
[] a :c .
_:x nic:r _:x , "2026-01-01"^^xsd:date , "a \\" , "b \" c"@en-GB .
<urn:with#hash> nic:q :e\-f , :g.h .
# Below.
"""


def triples(text: str) -> ox.Dataset:
    found = ox.Dataset(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE, base_iri="urn:x:/"))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


def shuffled(text: str, rng: random.Random) -> str:
    """The same triples with each statement's properties in another order, other blanks between.

    It knows only the canonical layout, and leaves a statement with more than a property a line alone.
    """
    made = []
    for block in text.split("\n\n"):
        lines = block.split("\n")
        start = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
        inner = lines[start + 1 :]
        a_line_each = all(line.startswith("    ") and line[4] not in " )" for line in inner)
        if inner and a_line_each and all(line.endswith((" ;", " .")) for line in lines[start:]):
            subject, first = lines[start].split(" ", 1)
            pairs = [line.strip()[:-2] for line in (first, *inner)]
            rng.shuffle(pairs)
            gap = rng.choice((" ", "\n", "\n\n\t "))
            lines[start:] = [f"{subject}{gap}" + f"{gap};{gap}".join(pairs) + " ."]
        made.append("\n".join(lines))
    return "\n\n".join(made)


def comments(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith("#")]


def lexical_forms(text: str) -> list[str]:
    """Numbers and truth values as they are written."""
    return sorted(re.findall(r"(?<= )(?:[+-]?[\d.]*\d|true|false)(?= )", text))


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


@given(st.randoms(use_true_random=False), st.sampled_from(FILES))
@settings(deadline=None, max_examples=60)
def test_any_order_of_properties_keeps_triples_comments_and_numbers(
    rng: random.Random, file: Path
) -> None:
    text = file.read_text(encoding="utf-8")
    once = formed(shuffled(text, rng), name=file.name)
    assert triples(once) == triples(text)
    assert formed(once, name=file.name) == once
    assert comments(once) == comments(text)
    assert lexical_forms(once) == lexical_forms(text)


def test_a_shuffled_ontology_comes_back_as_it_was() -> None:
    text = (resources.ontology() / "schemes" / "scale.ttl").read_text(encoding="utf-8")
    other = shuffled(text, random.Random(1))
    assert other != text
    assert triples(other) == triples(text)
    assert formed(other) == text


@given(st.randoms(use_true_random=False))
@settings(deadline=None)
def test_any_spacing_keeps_triples_and_stays(rng: random.Random) -> None:
    head, mark, body = formed(SMALL).partition("# ---- Part one ----\n")
    quoted, spaced = False, ""
    for c in body:
        quoted ^= c == '"'
        spaced += rng.choice((" ", "\n", "\t  ")) if c in " \n" and not quoted else c
    once = formed(head + mark + spaced)
    assert triples(once) == triples(SMALL)
    assert formed(once) == once
    assert mark in once


def test_order_of_properties_does_not_matter() -> None:
    swapped = SMALL.replace('rdfs:label "A"@en ; a nic:Thing', 'a nic:Thing ; rdfs:label "A"@en')
    assert formed(swapped) == formed(SMALL)


def test_odd_turtle_keeps_its_triples_comments_and_forms() -> None:
    once = formed(ODD)
    assert triples(once) == triples(ODD)
    assert formed(once) == once
    for kept in ("2.040 , 1.5e3 , -0 , +07 , true , false", ".\n\n\n# no comment", ".  # behind\n"):
        assert kept in once
    assert once.index("# Above.") < once.index("# Below.")
    assert once.endswith("# Below.\n")


def test_comments_keep_their_place_without_prefixes() -> None:
    text = "# One.\n\n<urn:a> a <urn:b> .\n\n# Two.\n<urn:c> a <urn:d> .\n"
    assert formed(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<urn:a> a <urn:b> .\n<urn:a> <urn:p> .\n", "^bad.ttl: .*line 2"),
        ("<urn:a> a <urn:b>\n", "^bad.ttl: .*line 2"),
        ("<urn:a> a <urn:b> .\nnic:a a nic:b .\n", "^bad.ttl: .*line 2"),
        ("<urn:a> <urn:p> # why\n 1 .\n", "^bad.ttl, line 1: a comment stands inside a statement"),
        ("@prefix a: <urn:a#> .\n@prefix a: <urn:b#> .\na:b a a:c .\n", "^bad.ttl, line 2: a is"),
        ("PREFIX a: <urn:a#>\na:b a a:c .\n", "^bad.ttl, line 1: write @prefix"),
    ],
)
def test_what_cannot_be_formed_is_said_with_file_and_line(text: str, said: str) -> None:
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


def test_a_file_that_is_no_turtle_is_named_and_the_others_are_formed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = tmp_path / "bad.ttl", tmp_path / "good.ttl"
    bad.write_text("<urn:a> <urn:p> .\n", encoding="utf-8")
    good.write_text(SMALL, encoding="utf-8")
    assert main([str(bad), str(good)]) == 1
    assert f"{bad}: " in capsys.readouterr().err
    assert bad.read_text(encoding="utf-8") == "<urn:a> <urn:p> .\n"
    assert good.read_text(encoding="utf-8") == formed(SMALL)
