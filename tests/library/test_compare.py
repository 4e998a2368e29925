"""What changed between two versions is told in the words of the form, completely, and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted import records, resources
from warranted.checking import read_file
from warranted.compare import Change, compare, compare_in
from warranted.language import ENGLISH, get, quoting
from warranted.language.quoting import Quoted, cut, kept, pieces
from warranted.namespaces import NIC, RDF, RDFS, ROOT
from warranted.rdfio import Format, parse
from warranted.records import Record

HEAD = (
    f"@prefix nic: <{NIC}> . @prefix rdfs: <{RDFS}> . @prefix c: <{ROOT}/scheme/scale/> . "
    f"@base <{ROOT}/id/> . "
)
EXAMPLES = [
    record
    for file in sorted((resources.shapes() / "examples").glob("*/valid/*.ttl"))
    for record in read_file(file, base="https://example.org")
]
REAL = [
    record
    for file in sorted(resources.packages().glob("*.ttl"))
    for record in read_file(file, base=ROOT)
]
IDEA = '<idea/i1> a nic:ChangeIdea ; rdfs:label "Exit slips"@en '


def one(written: str) -> Record:
    (record,) = records.split(parse((HEAD + written).encode(), Format.TURTLE), base=ROOT)
    return record


def told(before: str, after: str) -> list[str]:
    return [c.sentence for c in compare(one(before), one(after))]


def mirror(changes: list[Change]) -> Counter[tuple[str, str | None, str | None]]:
    return Counter((c.path, c.after, c.before) for c in changes)


def plain(changes: list[Change]) -> Counter[tuple[str, str | None, str | None]]:
    return Counter((c.path, c.before, c.after) for c in changes)


# ---- sentences ----


def test_a_choice_is_told_by_its_label() -> None:
    test = "<test/t1> a nic:PDSACycle ; nic:scale c:{} ."
    assert told(test.format("very-small"), test.format("small")) == [
        "Scale of test: from ‘Very small’ to ‘Small’"
    ]


def test_yes_and_no_and_dates_and_properties() -> None:
    assert told(
        IDEA + "; nic:illustrative true ; nic:notStated nic:addressesDriver .",
        IDEA + "; nic:illustrative false .",
    ) == ["Illustrative: from ‘yes’ to ‘no’", "Not stated: took out ‘Driver’"]


def test_a_language_is_said_only_where_there_are_several() -> None:
    assert told(IDEA + ".", IDEA.replace("slips", "tickets") + ".") == [
        "Name: from ‘Exit slips’ to ‘Exit tickets’"
    ]
    assert told(IDEA + ".", IDEA.replace("@en", "@es") + ".") == [
        "Name: from ‘Exit slips (en)’ to ‘Exit slips (es)’"
    ]
    assert told(IDEA + ".", IDEA + ', "Papeletas"@es .') == ["Name: added ‘Papeletas (es)’"]


def test_two_records_of_one_name_are_told_apart() -> None:
    before, after = (one(IDEA + f"; nic:addressesDriver <driver/{d}> .") for d in ("d1", "d2"))
    (change,) = compare(before, after, label=lambda _: "Feedback")
    assert change.sentence == (
        f"Driver: from ‘Feedback (<{ROOT}/id/driver/d1>)’ to ‘Feedback (<{ROOT}/id/driver/d2>)’"
    )
    (change,) = compare(before, after)
    assert change.before == f"{ROOT}/id/driver/d1"


def test_one_text_of_two_types_is_told() -> None:
    (change,) = compare(one(IDEA + "; nic:sequence 1 ."), one(IDEA + "; nic:sequence 1.0, 1 ."))
    assert (change.kind, change.after) == ("added", "1.0")
    (change,) = compare(one(IDEA + "; nic:x 1 ."), one(IDEA + '; nic:x "1" .'))
    assert change.before != change.after


def test_a_long_text_is_told_word_by_word() -> None:
    text = "Give each learner a slip.  " + "Read the slips on the same day, \n all of them. " * 4
    (change,) = compare(
        one(IDEA + f'; nic:summary """{text}""" .'),
        one(IDEA + f'; nic:summary """{text.replace("each", "every single")}""" .'),
    )
    assert ("-", " each") in change.words
    assert ("+", " every single") in change.words
    assert "".join(w for op, w in change.words if op in " -") == change.before == text
    assert "".join(w for op, w in change.words if op in " +") == change.after
    assert change.as_json()["words"] == [list(w) for w in change.words]


# ---- languages ----


def test_a_change_is_told_in_the_reader_s_language() -> None:
    with_step = SPEC + "; nic:hasComponent <#s> . <#s> ".replace("#s", "specification/v1#s") + STEP
    before, after = one(with_step + "; nic:isCore true ."), one(with_step + ".")
    (change,) = compare(before, after, language=get("es"))
    assert change.sentence == "Paso 2 («Hand out slips»): Esencial: se quitó «sí»"
    (change,) = compare(after, before, language=get("es"))
    assert change.sentence == "Paso 2 («Hand out slips»): Esencial: se agregó «sí»"
    test = "<test/t1> a nic:PDSACycle ; nic:scale c:{} ."
    (change,) = compare(
        one(test.format("very-small")), one(test.format("small")), language=get("es")
    )
    assert change.sentence == "Escala de la prueba: de «Muy pequeña» a «Pequeña»"


def test_a_sentence_knows_the_language_of_what_it_quotes() -> None:
    before, after = one(IDEA + "."), one(IDEA + ', "Papeletas"@es .')
    texts = {
        code: pieces(changes[0].sentence)
        for code, changes in compare_in(
            (ENGLISH, get("es")), before, after, label=lambda _: lambda _: None
        ).items()
    }
    assert texts["en"] == (("Name: added ‘", ""), ("Papeletas", "es"), (" (es)’", ""))
    assert texts["es"] == (("Nombre: se agregó «Papeletas (es)»", ""),)


@given(st.lists(st.tuples(st.text(), st.sampled_from(["", "en", "und"]))), st.integers(1, 30))
def test_a_sentence_is_kept_whole_or_cut(parts: list[tuple[str, str]], longest: int) -> None:
    sentence = Quoted.of(parts)
    assert quoting.plain(kept(sentence)) == sentence == "".join(text for text, _ in parts)
    assert pieces(kept(sentence)) == pieces(sentence)
    short = quoting.plain(cut(kept(sentence), longest))
    assert len(short) <= longest
    assert short == sentence or sentence.startswith(short.removesuffix("…"))


# ---- parts ----

STEP = 'a nic:ChangeComponent ; nic:sequence 2 ; rdfs:label "Hand out slips" '
SPEC = "<specification/v1> a nic:ChangeSpecification ; nic:specificationOf <idea/i1> "


def test_a_part_that_has_a_name() -> None:
    with_step = SPEC + "; nic:hasComponent <#s> . <#s> ".replace("#s", "specification/v1#s") + STEP
    (change,) = compare(one(with_step + "; nic:isCore true ."), one(with_step + "."))
    assert change.sentence == "Step 2 (‘Hand out slips’): Core: took out ‘yes’"
    assert change.part == "Step 2 (‘Hand out slips’)"
    assert set(change.as_json()) == {
        *("field", "path", "kind", "before", "after", "part", "sentence")
    }


def test_a_part_without_a_name_is_known_again() -> None:
    text = '[ a nic:KnowHow ; rdfs:comment "Allow {} minutes; two is too short" ]'
    other = '[ a nic:KnowHow ; rdfs:comment "Cut the slips beforehand" ]'
    (change,) = compare(
        one(IDEA + f"; nic:hasKnowHow {text.format('four')} , {other} ."),
        one(IDEA + f"; nic:hasKnowHow {other} , {text.format('five')} ."),
    )
    assert change.field == "Know-how (‘Allow five minutes; two is too short’): Text"
    assert change.before == "Allow four minutes; two is too short"


def test_a_part_that_came_is_told_whole_where_it_hangs() -> None:
    know_how = '[ a nic:KnowHow ; rdfs:label "Cut them" ; rdfs:comment "Before the lesson" ]'
    assert told(IDEA + ".", IDEA + f"; nic:hasKnowHow {know_how} .") == [
        "Know-how: added ‘Cut them; Text: Before the lesson’"
    ]
    assert told(IDEA + f"; nic:hasKnowHow {know_how} .", IDEA + ".") == [
        "Know-how: took out ‘Cut them; Text: Before the lesson’"
    ]


def test_a_part_within_a_part_without_a_name_is_known_again() -> None:
    series = (
        "<series/s1> a nic:MeasureSeries ; nic:hasObservation [ a nic:Observation ; nic:period 1 ; "
        "nic:x [ a nic:Figure ; nic:value {} ; nic:numerator 3 ; nic:denominator 4 ] ] ."
    )
    (change,) = compare(one(series.format("0.5")), one(series.format("0.75")))
    assert change.sentence == "Observation, Figure: Value: from ‘0.5’ to ‘0.75’"


def test_what_hangs_from_nothing_is_told_too() -> None:
    loose = IDEA + '. <idea/i1#k> a nic:KnowHow ; rdfs:label "{}" .'
    assert told(loose.format("A"), loose.format("B")) == ["Know-how (‘B’): Name: from ‘A’ to ‘B’"]
    assert told(IDEA + ".", loose.format("A")) == [
        "Know-how (‘A’): Kind: added ‘Know-how’",
        "Know-how (‘A’): Name: added ‘A’",
    ]


def test_parts_in_a_circle_and_a_deep_chain_end() -> None:
    ring = (
        IDEA + "; nic:x <idea/i1#a> . <idea/i1#a> nic:x <idea/i1#b> . "
        "<idea/i1#b> nic:x <idea/i1#a> ; nic:y {} ."
    )
    assert [c.before for c in compare(one(ring.format(1)), one(ring.format(2)))] == ["1"]
    assert compare(one(IDEA + "."), one(ring.format(1)))
    chain = "".join(f"<idea/i1#n{i}> nic:x <idea/i1#n{i + 1}> ; nic:y {i} . " for i in range(3000))
    deep = one(IDEA + "; nic:x <idea/i1#n0> . " + chain)
    assert compare(deep, deep) == []
    assert len(compare(None, deep)) > 100


# ---- all real records ----


def test_a_version_differs_in_nothing_from_itself() -> None:
    for record in [*REAL, *EXAMPLES]:
        assert compare(record, record) == []
    assert compare(None, None) == []


def test_the_order_is_that_of_the_form() -> None:
    (idea,) = (r for r in EXAMPLES if r.type == "idea")
    fields = [c.field for c in compare(None, idea)]
    assert fields == ["Kind", "Name", "Summary", "Driver", "Change concept", "Measures", "Know-how"]


@pytest.mark.parametrize("record", EXAMPLES, ids=lambda r: r.iri.rpartition("/id/")[2])
def test_all_that_a_new_record_says_is_told(record: Record) -> None:
    everything = "\n".join(c.sentence for c in compare(None, record))
    for t in record.triples:
        if isinstance(t.object, ox.Literal) and t.object.value not in ("true", "false"):
            assert t.object.value in everything
    assert all(c.kind == "added" and c.before is None for c in compare(None, record))
    assert plain(compare(None, record)) == mirror(compare(record, None))


EDITED = [r for r in [*EXAMPLES, *REAL] if 4 < len(r.triples) < 200]
WORDS = st.text("abcdeñß 12’", min_size=1, max_size=30)


@st.composite
def edits(draw: st.DrawFn) -> tuple[Record, Record]:
    """A real record, and the same with some literals changed, taken out and put in."""
    record = draw(st.sampled_from(EDITED))
    triples = list(record.triples)
    literals = [t for t in triples if isinstance(t.object, ox.Literal)] or triples
    places = st.integers(0, len(literals) - 1)
    for at in draw(st.lists(places, max_size=4, unique=True)):
        t = literals[at]
        triples.remove(t)
        texts = draw(st.lists(WORDS, max_size=2, unique=True))
        triples += [ox.Triple(t.subject, t.predicate, ox.Literal(text)) for text in texts]
    return record, Record(record.iri, record.type, tuple(dict.fromkeys(triples)))


@given(edits())
def test_every_changed_triple_is_told_once_and_nothing_else(pair: tuple[Record, Record]) -> None:
    before, after = pair
    changes = compare(before, after)
    old, new = set(before.triples), set(after.triples)
    gone, come = old - new, new - old
    nodes = {t.subject for t in old} & {t.subject for t in new}
    if all({t.subject, t.object} & nodes and t.subject in nodes for t in gone | come):
        assert Counter(t.predicate.value for t in gone) == Counter(
            c.path for c in changes if c.before is not None
        )
        assert Counter(t.predicate.value for t in come) == Counter(
            c.path for c in changes if c.after is not None
        )
    for triples, said in (
        (gone, [c.before or "" for c in changes]),
        (come, [c.after or "" for c in changes]),
    ):
        for t in triples:
            if isinstance(t.object, ox.Literal) and t.object.value not in ("true", "false"):
                assert any(t.object.value in text for text in said)
    assert plain(changes) == mirror(compare(after, before))
    assert compare(before, after) == changes


@given(edits())
def test_words_make_up_both_texts(pair: tuple[Record, Record]) -> None:
    for change in compare(*pair):
        if change.words:
            assert "".join(w for op, w in change.words if op != "+") == change.before
            assert "".join(w for op, w in change.words if op != "-") == change.after


@given(st.permutations(range(6)), st.integers(0, 5), WORDS)
def test_one_of_many_unnamed_parts_is_edited(order: list[int], which: int, text: str) -> None:
    said = [f"Word{i} and what else belongs to know how {i * 7}" for i in order]
    part = '[ a nic:KnowHow ; rdfs:comment "{}" ]'

    def idea(texts: list[str]) -> Record:
        return one(IDEA + "; nic:hasKnowHow " + " , ".join(map(part.format, texts)) + " .")

    edited = [f"{t} {text.strip()}x" if i == which else t for i, t in enumerate(said)]
    (change,) = compare(idea(said), idea(sorted(edited)))
    assert (change.path, change.before, change.after) == (
        f"{RDFS}comment",
        said[which],
        edited[which],
    )


def test_records_of_different_classes_are_compared_by_what_they_say(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text(HEAD + '<driver/d1> a nic:PrimaryDriver ; rdfs:label "A" .', encoding="utf-8")
    (before,) = read_file(file, base=ROOT)
    after = one('<driver/d1> a nic:Driver ; rdfs:label "A" .')
    (change,) = compare(before, after)
    assert (change.field, change.path, change.after) == ("Kind", f"{RDF}type", "Driver")
