"""RDF is read exactly as written, written back exactly, and refused in plain words."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted import rdfio, records
from warranted.errors import InputError, ParseError
from warranted.namespaces import NIC, RDFS, ROOT, XSD
from warranted.rdfio import Format

IDEA = f"{ROOT}/id/idea/i1"
CONTEXT = '"@context": "https://w3id.org/warranted/context.jsonld"'
text = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[chr(c) for c in (*range(32), 127)])
    | st.sampled_from("\n\t\r\"\\'@-.#<>{}\u2028\u2029\x85"),
    max_size=30,
)
literals = st.one_of(
    text.map(ox.Literal),
    st.builds(
        lambda t, tag: ox.Literal(t, language=tag), text, st.sampled_from(["en", "en-gb", "de"])
    ),
    st.sampled_from(
        [
            ("2.040", "decimal"),
            ("+1.50", "decimal"),
            ("007", "integer"),
            ("PT60S", "duration"),
            ("1.0E3", "double"),
            ("1", "boolean"),
            ("2026-01-05", "date"),
        ]
    ).map(lambda pair: ox.Literal(pair[0], datatype=ox.NamedNode(XSD + pair[1]))),
)
nodes = st.sampled_from([IDEA, *(f"{IDEA}#{part}" for part in ("a", "b", "c"))]).map(ox.NamedNode)
predicates = st.sampled_from(
    [RDFS + "label", NIC + "value", NIC + "sequence", NIC + "aboutIdea", NIC + "harvested"]
).map(ox.NamedNode)
graphs = st.lists(st.builds(ox.Triple, nodes, predicates, literals | nodes), max_size=12)


def read(written: bytes | str, fmt: Format = Format.TURTLE) -> list[ox.Quad]:
    data = written.encode() if isinstance(written, str) else written
    return rdfio.parse(data, fmt, name="ideas.ttl", base=f"{ROOT}/id/")


@pytest.mark.parametrize("fmt", Format)
@pytest.mark.parametrize("root", [None, IDEA])
@given(triples=graphs)
def test_what_is_written_is_read_back_to_the_last_digit(
    fmt: Format, root: str | None, triples: list[ox.Triple]
) -> None:
    back = read(rdfio.serialise(triples, fmt, root=root), fmt)
    assert {str(q.triple) for q in back} == {str(t) for t in triples}


def test_lexical_forms_stay_as_they_are() -> None:
    quads = read(
        "@prefix x: <http://www.w3.org/2001/XMLSchema#> ."
        '<idea/i1> <urn:p> 2.040, "1.50"^^x:decimal, "PT60S"^^x:duration, 007, 1.0E3 .'
    )
    values = {q.object.value for q in quads if isinstance(q.object, ox.Literal)}
    assert values == {"2.040", "1.50", "PT60S", "007", "1.0E3"}
    written = rdfio.serialise([q.triple for q in quads], Format.TURTLE).decode()
    assert all(value in written for value in values)


@pytest.mark.parametrize(
    ("written", "kept"),
    [("en-gb", "en-GB"), ("EN", "en"), ("zh-hant-TW", "zh-Hant-TW"), ("de-CH-1996", "de-CH-1996")],
)
def test_language_tags_leave_in_the_form_bcp_47_recommends(written: str, kept: str) -> None:
    triples = [q.triple for q in read(f'<idea/i1> <{RDFS}label> "say \\"x\\"@en-gb"@{written} .')]
    assert f'"@{kept} .' in rdfio.serialise(triples, Format.TURTLE).decode()
    assert f'"@{kept} .' in rdfio.canonical(
        ox.Quad(t.subject, t.predicate, t.object) for t in triples
    )
    tree = json.loads(rdfio.serialise(triples, Format.JSONLD, root=IDEA))
    assert tree["label"] == {"@language": kept, "@value": 'say "x"@en-gb'}


def test_a_record_in_turtle_begins_with_itself_and_its_class() -> None:
    quads = read(
        f"<idea/i1#a> <{NIC}value> 1.5 . <idea/i1> <{NIC}hasKnowHow> <idea/i1#a> ;"
        f' <{RDFS}label> "A" ; a <{NIC}ChangeIdea> .'
    )
    lines = (
        rdfio.serialise([q.triple for q in quads], Format.TURTLE, root=IDEA).decode().split("\n")
    )
    body = [line for line in lines if line and not line.startswith("@prefix")]
    assert body[0] == f"<{IDEA}> a nic:ChangeIdea ;"
    assert body[1].strip() == 'rdfs:label "A" ;'
    assert body[-1] == f"<{IDEA}#a> nic:value 1.5 ."


def test_a_part_that_hangs_from_nothing_is_in_the_json_ld_all_the_same() -> None:
    triples = [
        q.triple for q in read(f"<idea/i1> a <{NIC}ChangeIdea> . <idea/i1#a> <{NIC}value> 1 .")
    ]
    tree = json.loads(rdfio.serialise(triples, Format.JSONLD, root=IDEA))
    assert [node["id"] for node in tree["@included"]] == [f"{IDEA}#a"]


# ---- JSON-LD ----


def test_json_numbers_are_read_as_they_are_written() -> None:
    quads = read(f'{{{CONTEXT}, "id": "idea/i1", "value": 2.040, "sequence": 1}}', Format.JSONLD)
    assert {str(q.object) for q in quads} == {
        f'"2.040"^^<{XSD}decimal>',
        f'"1"^^<{XSD}integer>',
    }


def test_a_context_of_ones_own_is_read() -> None:
    context = '{"@version": 1.1, "says": "http://www.w3.org/2000/01/rdf-schema#label"}'
    quads = read(f'{{"@context": {context}, "@id": "idea/i1", "says": "x"}}', Format.JSONLD)
    assert [str(q.triple) for q in quads] == [f'<{IDEA}> <{RDFS}label> "x"']


@pytest.mark.parametrize(
    "context",
    [
        '"https://example.org/context.jsonld"',
        '"file:///etc/passwd"',
        '"/etc/passwd"',
        '{"@import": "http://127.0.0.1/x"}',
        '{"a": {"@id": "urn:a", "@context": "http://127.0.0.1/x"}}',
        '["https://w3id.org/warranted/context.jsonld", "http://127.0.0.1/x"]',
    ],
)
def test_no_context_is_ever_fetched(context: str) -> None:
    with pytest.raises(ParseError, match="only context that may be named"):
        read(f'{{"@context": {context}, "@id": "idea/i1", "a": {{"a": "b"}}}}', Format.JSONLD)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('"colour": "red"', "'colour' is not a field"),
        ('"type": "ChangeIdeas"', "'ChangeIdeas' is not a field or class"),
        ('"label": "a", "label": "b"', "'label' stands twice"),
        ('"label": NaN', "NaN is not a JSON number"),
        ('"label": "\\ud800"', "half a character"),
        ('"label": ["\\udfff"]', "half a character"),
        ('"label": "\\u0007"', "control character"),
        ('"label": {"@value": {"a": 1}, "@type": "@json"}', "use text"),
        ('"label": {"@value": "a", "@direction": "rtl"}', "use text"),
        ('"addressesDriver": "not an <iri>"', "is not an IRI"),
    ],
)
def test_json_ld_that_would_lose_something_is_refused(body: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read(f'{{{CONTEXT}, "id": "idea/i1", {body}}}', Format.JSONLD)


def test_json_ld_about_what_is_no_iri_is_refused() -> None:
    with pytest.raises(ParseError, match=r"/bad iri' is not an IRI"):
        read(f'{{{CONTEXT}, "id": "bad iri", "label": "a"}}', Format.JSONLD)


@pytest.mark.parametrize("document", ["5", '"x"', "null", "true"])
def test_json_that_is_no_document_is_refused(document: str) -> None:
    with pytest.raises(ParseError, match="neither an object nor a list"):
        read(document, Format.JSONLD)


def test_json_ld_is_read_in_all_its_forms() -> None:
    written = f"""{{{CONTEXT}, "id": "idea/i1", "type": "ChangeIdea", "harvested": true,
        "label": [{{"@value": "a", "@language": "en-GB"}}, "b"],
        "urn:list": {{"@list": [1.50, {{"@list": []}}]}},
        "@reverse": {{"urn:names": {{"id": "package/k1"}}}},
        "@included": [{{"id": "idea/i1#a", "urn:knows": {{"id": "_:x", "urn:p": "c"}}}}],
        "urn:also": {{"id": "_:x"}} }}"""
    turtle = f"""@prefix u: <urn:> . <idea/i1> a <{NIC}ChangeIdea> ;
        <{RDFS}label> "a"@en-GB, "b" ; <{NIC}harvested> true ; u:list ("1.50" ()) ; u:also _:x .
        <package/k1> u:names <idea/i1> . <idea/i1#a> u:knows _:x . _:x u:p "c" ."""
    one, other = (
        ox.Dataset(read(w, f)) for w, f in ((written, Format.JSONLD), (turtle, Format.TURTLE))
    )
    for dataset in (one, other):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert one == other


def test_named_graphs_of_json_ld_are_kept() -> None:
    written = f'{{{CONTEXT}, "id": "idea/i1", "@graph": [{{"id": "idea/i1", "label": "a"}}]}}'
    assert [str(q.graph_name) for q in read(written, Format.JSONLD)] == [f"<{IDEA}>"]


@pytest.mark.parametrize("key", ["label", "type", "hasObservation", "@list"])
def test_long_lists_are_read_at_once(key: str) -> None:
    many: object = [f"urn:x:{n}" for n in range(30_000)]
    if key == "@list":
        key, many = "label", {"@list": many}
    document = {"@context": "https://w3id.org/warranted/context.jsonld", "id": "idea/i1", key: many}
    started = time.monotonic()
    assert len(read(json.dumps(document), Format.JSONLD)) >= 30_000
    assert time.monotonic() - started < 20  # it takes about 1 s; the square would take minutes


@pytest.mark.parametrize("attack", ['"\\', "[", '{"a":', "'\\", '"""', "<", "\\", '"\n', "'\"\n"])
@pytest.mark.parametrize("fmt", [Format.JSONLD, Format.TURTLE])
def test_what_is_made_to_be_slow_is_refused_at_once(attack: str, fmt: Format) -> None:
    started = time.monotonic()
    with pytest.raises(ParseError):
        read(attack * (1_000_000 // len(attack)), fmt)
    assert time.monotonic() - started < 10


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("@id"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "@id",
                    "@type",
                    "@value",
                    "@graph",
                    "@list",
                    "@language",
                    "@context",
                    "@reverse",
                    "@included",
                    "@index",
                    "@set",
                    "@nest",
                    "label",
                    "id",
                    "type",
                    "value",
                    "urn:p:q",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(any_json)
def test_any_json_is_read_or_refused(document: object) -> None:
    with contextlib.suppress(InputError):
        read(json.dumps(document), Format.JSONLD)


# ---- refusals ----


@pytest.mark.parametrize(
    ("written", "line", "reason"),
    [
        ("<urn:a> <urn:b> 1 .\n<urn:a> b .", 2, "b is not a valid predicate"),
        ('<urn:a> <urn:b> "x', 1, "Unexpected end of file"),
        ("<urn:a> <urn:b> x:y .", 1, "The prefix x: has not been declared"),
        ("<urn:a>\n<urn:b> <<( <urn:a> <urn:b> 1 )>> .", 2, "triples about triples"),
        ("<urn:a> <urn:b>\n" + "(" * 100 + ")" * 100 + " .", 2, "nested deeper"),
        ("<urn:a> <urn:b> 1 .\n\x01", 2, "control character"),
        ('<urn:a> <urn:b> "\\u0000" .', None, "control character"),
        ('<urn:a> <urn:b> "x"@en--ltr .', None, "writing direction"),
    ],
)
def test_a_refusal_names_file_line_and_reason(written: str, line: int | None, reason: str) -> None:
    with pytest.raises(ParseError, match=reason) as refused:
        read(written)
    assert refused.value.line == line
    assert str(refused.value).startswith("ideas.ttl, line" if line else "ideas.ttl: ")
    assert "Parser error" not in str(refused.value)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ParseError, match="line 2: it is not UTF-8 text"):
        read(b'<urn:a>\n<urn:b> "\xff" .')


def test_a_quote_or_a_hash_escaped_in_a_name_hides_no_nesting() -> None:
    for trick in ("\\#", "\\'", "\\~\\#"):
        nested = (
            f"@prefix e: <urn:e:> . e:a e:b e:c{trick} ," + "[ e:p " * 70 + "1" + "]" * 70 + " ."
        )
        with pytest.raises(ParseError, match="nested deeper"):
            read(nested)


def test_brackets_in_text_and_comments_are_no_nesting() -> None:
    many = "([{" * 100
    quads = read(f'<idea/i1> <urn:p> "{many}", """{many}""", \'\'\'"{many}\'\'\' . # {many}')
    assert len(quads) == 2 + 1


def test_a_file_is_known_by_its_ending() -> None:
    assert Format.of_path(Path("a.TTL")) is Format.TURTLE
    assert Format.of_media_type("application/ld+json; profile=x") is Format.JSONLD
    with pytest.raises(InputError, match=r"end in \.ttl, \.trig, \.nq, \.nt, \.jsonld"):
        Format.of_path(Path("a.xml"))


def test_a_record_survives_every_format(small: Path) -> None:
    found = records.split(read(small.read_bytes()), base=ROOT)
    for fmt in Format:
        for record in found:
            again = read(rdfio.serialise(record.triples, fmt, root=record.iri), fmt)
            assert records.split(again, base=ROOT) == [record]
