"""JSON Schema of each record type, made from the shapes.

It says when a record in our JSON-LD form (`documents`, `GET /api/v1/…`) would be accepted, as far
as JSON Schema can; `differences` lists what it cannot say. Draft 2020-12, which OpenAPI 3.1 uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warranted import record_types, shape_model, vocabulary
from warranted.context import CONTEXT_IRI, curie, terms_of
from warranted.namespaces import RECORD_CLASSES, ROOT, TYPE_OF_CLASS, XSD
from warranted.record_types import Field, RecordType
from warranted.records import known

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_DATE = (
    "^[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    "|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))$"
)
_MOMENT = _DATE.removesuffix("$") + "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?Z$"
_LEAST_WHOLE = {0: "^([+]?[0-9]+|-0+)$", 1: "^[+]?0*[1-9][0-9]*$"}
_WHOLE = "^[+-]?[0-9]+$"
_DECIMAL = "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$"
_IRI = '^[^\\s<>"{}|\\\\^`]*$'
_LANGUAGE = "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"

GENERAL = (
    "That an IRI names something of the right class, or that exists, is seen only with its neighbours.",
    "29 February is taken in every year; a date with a time zone is not taken, a moment only with Z.",
    "A text with a datatype of its own is not taken, though a shape lets it pass.",
    "To JSON Schema 2.0 is a whole number; the shapes want it written 2.",
    "A number written with an exponent is taken here and refused by the shapes.",
)


def schema(
    type_: str,
    model: shape_model.ShapeModel | None = None,
    schemes: Mapping[str, vocabulary.Scheme] | None = None,
) -> Schema:
    """The JSON Schema of a record type, whole: what it refers to is in its `$defs`.

    Args:
        type_: a record type, such as `test`.
        model, schemes: the shapes and the schemes; those that ship if None.

    Raises:
        UnknownType: there is no such record type.
    """
    known(type_)
    maker = _Maker(model or shape_model.shipped(), schemes or vocabulary.shipped(), "#/$defs/")
    own = [t for t in maker.model.types.values() if TYPE_OF_CLASS.get(t.cls) == type_]
    defs = maker.needed(own)
    names = [name_of(t.cls) for t in own]
    refs = [{"$ref": f"#/$defs/{name}"} for name in names]
    found: Schema = {
        "$schema": DIALECT,
        "$id": f"{ROOT}/schema/{type_}",
        "title": " or ".join(t.label for t in own),
        "$comment": " ".join(differences(type_, maker.model)),
    }
    found |= refs[0] if len(refs) == 1 else {"anyOf": refs}
    return found | {"$defs": defs}


def components(
    model: shape_model.ShapeModel | None = None, *, at: str = "#/components/schemas/"
) -> dict[str, Schema]:
    """Class name → schema, for every type and part, for an OpenAPI document."""
    maker = _Maker(model or shape_model.shipped(), vocabulary.shipped(), at)
    return maker.needed(list(maker.model.types.values()))


def differences(type_: str, model: shape_model.ShapeModel | None = None) -> list[str]:
    """What the shapes ask of a record of that type and JSON Schema cannot say, in sentences."""
    model = model or shape_model.shipped()
    found = list(GENERAL)
    maker = _Maker(model, {}, "")
    own = [t for t in model.types.values() if TYPE_OF_CLASS.get(t.cls) == type_]
    for name in maker.reachable(own):
        of = maker.of_class[name]
        unsaid = [
            rule.message
            for rule in of.rules
            if rule.severity == "Violation" and isinstance(rule.must, record_types.Beyond)
        ]
        unsaid += [f.message for f in of.fields if f.not_above or f.facet or f.unique_lang]
        found += [f"Not said here: {message}" for message in unsaid]
    return list(dict.fromkeys(found))


def name_of(cls: str) -> str:
    """The class's local name: what `type` says in JSON."""
    return cls.rpartition("#")[2].rpartition("/")[2]


class _Maker:
    """Schemas of `model`'s types; references to them begin with `at`."""

    def __init__(
        self, model: shape_model.ShapeModel, schemes: Mapping[str, vocabulary.Scheme], at: str
    ) -> None:
        self.model = model
        self.schemes = schemes
        self.at = at
        self.terms = terms_of(model)
        self.of_class = {name_of(cls): t for cls, t in model.types.items()}
        self.parents = dict(shape_model.subclasses())

    def needed(self, types: list[RecordType]) -> dict[str, Schema]:
        """The schemas of `types` and of the parts they can hold, by class name; fields beside them."""
        made: dict[str, Schema] = {}
        for name in self.reachable(types):
            made[name] = self.object(self.of_class[name])
            for field in self.of_class[name].fields:
                if (key := self.key(field)) not in made:
                    made[key] = self.field(field)
                    made[f"{key}.value"] = self.value(field)
        return made

    @staticmethod
    def key(field: Field) -> str:
        """Name of the field's schema: that of its shape."""
        return name_of(field.shapes[0])

    def reachable(self, types: list[RecordType]) -> list[str]:
        ahead, seen = [name_of(t.cls) for t in types], set[str]()
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                parts = (self.part(f) for f in self.of_class[name].fields)
                ahead += [name_of(p.cls) for p in parts if p]
        return sorted(seen)

    def part(self, field: Field) -> RecordType | None:
        """The type of the part that the field embeds, or None if it holds no part."""
        cls: str | None = field.cls
        while cls is not None and cls not in self.model.types:
            cls = self.parents.get(cls)
        if cls is None or any(name_of(cls) in names for names in RECORD_CLASSES.values()):
            return None
        return self.model.types[cls]

    def object(self, of: RecordType) -> Schema:
        names = sorted(
            {name_of(of.cls)} | {name_of(c) for c, p in self.parents.items() if p == of.cls}
        )
        kinds: Schema = {"enum": names}
        properties: Schema = {
            "@context": {"const": CONTEXT_IRI, "description": "May be left out."},
            "id": {"type": "string", "description": "Left empty for a new record."},
            "type": {"anyOf": [kinds, {"type": "array", "items": kinds, "minItems": 1}]},
        }
        for field in of.fields:
            properties[self.terms[field.path]] = {"$ref": f"{self.at}{self.key(field)}"}
        made: Schema = {
            "title": of.label,
            "type": "object",
            "properties": properties,
            "required": ["type", *(self.terms[f.path] for f in of.fields if f.min_count)],
            "additionalProperties": False,
        }
        rules = [
            {"$comment": rule.message, **condition}
            for rule in of.rules
            if rule.severity == "Violation" and (condition := self.condition(rule.must))
        ]
        return made | ({"allOf": rules} if rules else {})

    def field(self, field: Field) -> Schema:
        value: Schema = {"$ref": f"{self.at}{self.key(field)}.value"}
        several: Schema = {
            "type": "array",
            "items": value,
            "minItems": max(field.min_count, 1),
            "uniqueItems": True,
        }
        if field.max_count is not None:
            several["maxItems"] = field.max_count
        made: Schema = {
            "title": field.name,
            "description": field.description,
            "anyOf": [several] if field.min_count > 1 else [value, several],
        }
        if field.example is not None:
            made["examples"] = [self.example(field)]
        return made

    def example(self, field: Field) -> Any:
        text = field.example
        if field.scheme:
            return curie(str(text))
        if field.datatype == f"{XSD}boolean":
            return text == "true"
        return [text] if field.min_count > 1 else text

    def value(self, field: Field) -> Schema:
        if field.is_iri:
            return self.thing(field)
        if field.choices:
            return {"enum": list(field.choices)}
        if field.datatype == f"{XSD}boolean":
            return {"enum": [True, False, "true", "false", "1", "0"]}
        if field.datatype == f"{XSD}date":
            return {"type": "string", "pattern": _DATE}
        if field.datatype == f"{XSD}dateTime":
            return {"type": "string", "pattern": _MOMENT}
        if field.datatype == f"{XSD}integer":
            return self.whole(field)
        if field.datatype == f"{XSD}decimal":
            return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _DECIMAL}]}
        text = self.text(field)
        if field.datatype:
            return text
        tagged = {
            "type": "object",
            "properties": {
                "@value": text,
                "@language": {"type": "string", "pattern": _LANGUAGE},
            },
            "required": ["@value"],
            "additionalProperties": False,
        }
        return {"anyOf": [text, tagged]}

    def whole(self, field: Field) -> Schema:
        number: Schema = {"type": "integer"}
        pattern = _WHOLE
        if field.min_inclusive is not None:
            number["minimum"] = int(field.min_inclusive)
            pattern = _LEAST_WHOLE.get(int(field.min_inclusive), _WHOLE)
        return {"anyOf": [number, {"type": "string", "pattern": pattern}]}

    def text(self, field: Field) -> Schema:
        text: Schema = {"type": "string"}
        if field.min_length is not None:
            text["minLength"] = field.min_length
        if field.max_length is not None:
            text["maxLength"] = field.max_length
        if field.pattern:
            text["pattern"] = field.pattern
        never: list[Schema] = [{"pattern": p} for p in field.forbidden]
        if field.taken:
            never.append({"enum": list(field.taken)})
        if never:
            text["not"] = {"anyOf": never}
        return text

    def thing(self, field: Field) -> Schema:
        scheme = self.schemes.get(field.scheme or "")
        if scheme:
            named: Schema = {"enum": [form for c in scheme.concepts for form in forms(c.iri)]}
        else:
            named = {"type": "string", "pattern": _IRI}
        told: Schema = {
            "type": "object",
            "properties": {"id": named},
            "required": ["id"],
            "additionalProperties": False,
        }
        ways = [named, told]
        if part := self.part(field):
            inner: Schema = {"$ref": f"{self.at}{name_of(part.cls)}"}
            if field.cls != part.cls:
                kind = {"const": name_of(field.cls or "")}
                inner = {"allOf": [inner, {"properties": {"type": kind}}]}
            ways.append(inner)
        return {"anyOf": ways}

    def condition(self, of: record_types.Condition) -> Schema | None:
        """The schema of a condition; None if JSON Schema has no words for it."""
        match of:
            case record_types.Count(path, least, most):
                there: Schema = {"required": [self.terms[path]]}
                if most == 0:
                    return {"not": there}
                return there if least == 1 and most is None else None
            case record_types.Has(path, value, is_iri):
                options = [v for form in (forms(value) if is_iri else [value]) for v in _as(form)]
                kinds: list[Schema] = [{"enum": options}]
                if is_iri:
                    told = {"properties": {"id": {"enum": options}}, "required": ["id"]}
                    kinds.append({"type": "object"} | told)
                one: Schema = {"anyOf": kinds}
                many = {"type": "array", "contains": one}
                term = self.terms[path]
                return {"required": [term], "properties": {term: {"anyOf": [one, many]}}}
            case record_types.Not(inner):
                found = self.condition(inner)
                return None if found is None else {"not": found}
            case record_types.AnyOf(inner):
                each = [self.condition(c) for c in inner]
                return None if None in each else {"anyOf": each}
            case record_types.AllOf(inner):
                each = [c for i in inner if (c := self.condition(i)) is not None]
                return {"allOf": each} if each else None
            case _:
                return None


def forms(iri: str) -> list[str]:
    """The ways a JSON-LD document may write that IRI: whole, and with our prefix."""
    short = curie(iri)
    return [iri] if short == iri else [short, iri]


def _as(text: str) -> list[Any]:
    return [text, text == "true"] if text in ("true", "false") else [text]
