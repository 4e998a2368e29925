"""What the OpenAPI description says beyond what the framework finds: parameters, bodies, media types.

Handlers read requests themselves, so that an unknown parameter or field is refused by name; here is
what each of them reads. A test tries every operation by this description.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_TEXT: Final = {"type": "string"}
_IRI: Final = {"type": "string", "format": "iri"}
_FLAG: Final = {"type": "string", "enum": ["", "true", "false", "1", "0"]}
_LIMIT: Final = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
_NUMBER: Final = {"type": "integer", "minimum": 1}
_TEXTS: Final = {"type": "array", "items": {"type": "string"}}

QUERY: Final[Mapping[str, Mapping[str, Any]]] = {
    "list_records": {
        "limit": _LIMIT,
        "after": _TEXT,
        "network": _IRI,
        "status": _TEXT,
        "driver": _IRI,
        "facet": _IRI,
        "names": _IRI,
        "q": _TEXT,
    },
    "create_record": {"dry-run": _FLAG},
    "validate_record": {"type": _TEXT},
    "replace_record": {"dry-run": _FLAG, "reason": _TEXT},
    "patch_record": {"dry-run": _FLAG, "reason": _TEXT},
    "delete_record": {"dry-run": _FLAG},
    "deprecate_record": {"dry-run": _FLAG},
    "read_version": {"time": {"type": "string", "format": "date-time"}},
    "compare_versions": {"from": _NUMBER, "to": _NUMBER},
    "restore_version": {"dry-run": _FLAG},
    "take_step": {"dry-run": _FLAG},
    "review_queue": {"limit": _LIMIT, "after": _TEXT},
    "similar_ideas": {"idea": _IRI, "limit": {"type": "integer", "minimum": 1, "maximum": 200}},
    "list_merges": {"idea": _IRI},
    "merge_ideas": {"dry-run": _FLAG},
    "split_ideas": {"dry-run": _FLAG},
    "keep_assessment": {"dry-run": _FLAG},
    "assemble_package": {"dry-run": _FLAG},
    "make_release": {"force": _FLAG},
    "audit_log": {"after": _NUMBER, "limit": _NUMBER, "record": _IRI},
    "list_deliveries": {"limit": _LIMIT},
    "import_file": {
        "name": _TEXT,
        "type": _TEXT,
        "mapping": _TEXT,
        "network": _IRI,
        "mode": {"type": "string", "enum": ["all", "rows"], "default": "all"},
        "dry-run": _FLAG,
    },
    "export_records": {"type": _TEXT, "network": _IRI, "status": _TEXT},
    "warrant_of_idea": {"context": _TEXTS, "workspace": _FLAG},
}
"""Operation → its parameters in the query, with their schemas."""

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "create_record": ("Idempotency-Key",),
    "deprecate_record": ("Idempotency-Key", "If-Match"),
    "take_step": ("Idempotency-Key", "If-Match"),
    "add_comment": ("Idempotency-Key",),
    "merge_ideas": ("Idempotency-Key",),
    "split_ideas": ("Idempotency-Key",),
    "create_account": ("Idempotency-Key",),
    "replace_record": ("If-Match",),
    "patch_record": ("If-Match",),
    "delete_record": ("If-Match",),
    "restore_version": ("If-Match",),
    "assemble_package": ("If-Match",),
    "read_record": ("If-None-Match",),
    "import_file": ("Prefer",),
}
"""Operation → the headers that change what it does."""

BODIES: Final[Mapping[str, tuple[Mapping[str, Any], tuple[str, ...]]]] = {
    "delete_record": ({"reason": _TEXT, "purge": {"type": "boolean"}}, ("reason",)),
    "deprecate_record": ({"replacedBy": _IRI, "reason": _TEXT}, ("reason",)),
    "restore_version": ({"reason": _TEXT}, ()),
    "take_step": ({"reason": _TEXT}, ()),
    "add_comment": ({"text": _TEXT}, ("text",)),
    "assign_review": ({"account": _TEXT}, ()),
    "merge_ideas": ({"kept": _IRI, "merged": _IRI, "reason": _TEXT}, ("kept", "merged", "reason")),
    "split_ideas": ({"reason": _TEXT}, ("reason",)),
    "keep_ideas_apart": (
        {"one": _IRI, "other": _IRI, "reason": _TEXT},
        ("one", "other", "reason"),
    ),
    "assemble_package": ({"ideas": _TEXTS, "reason": _TEXT}, ("ideas",)),
    "create_account": (
        {"label": _TEXT, "network": _IRI, "roles": _TEXTS},
        ("label", "network", "roles"),
    ),
    "set_roles": ({"network": _IRI, "roles": _TEXTS}, ("network",)),
    "create_token": (
        {"account": _TEXT, "scopes": _TEXTS, "days": {"type": "number"}, "label": _TEXT},
        (),
    ),
    "create_hook": (
        {"url": {"type": "string", "format": "uri"}, "events": _TEXTS, "network": _IRI},
        ("url", "events", "network"),
    ),
}
"""Operation → the fields of its JSON body, and those that must be there."""

_RDF: Final = ("text/turtle", "application/ld+json", "application/n-quads")
_VOCABULARY: Final = ("text/turtle", "application/ld+json", "application/n-triples", "text/html")
MEDIA: Final[Mapping[str, tuple[str, ...]]] = {
    "record_or_page": (*_RDF, "text/html"),
    "read_record": _RDF,
    "read_version": _RDF,
    "validate_record": ("application/json", "text/turtle", "application/ld+json"),
    "audit_log": ("application/x-ndjson",),
    "export_records": ("text/csv",),
    "metrics": ("text/plain",),
    "ontology": _VOCABULARY,
    "ontology_version": _VOCABULARY,
    "shapes": _VOCABULARY,
    "scheme": _VOCABULARY,
    "concept": _VOCABULARY,
    "context": ("application/ld+json",),
}
"""Operation → the media types of its answer, where it is not JSON alone."""


def describe(operation: dict[str, Any], name: str) -> None:
    """Add to an operation's description what the tables say of it."""
    parameters = operation.setdefault("parameters", [])
    for where, found in (("query", QUERY.get(name, {})), ("header", HEADERS.get(name, ()))):
        for key in found:
            schema = found[key] if isinstance(found, Mapping) else _TEXT
            parameters.append({"name": key, "in": where, "required": False, "schema": schema})
    if name in BODIES:
        fields, needed = BODIES[name]
        whole: dict[str, Any] = {
            "type": "object",
            "properties": dict(fields),
            "additionalProperties": False,
        }
        if needed:
            whole["required"] = list(needed)
        operation["requestBody"] = {
            "required": bool(needed),
            "content": {"application/json": {"schema": whole}},
        }
    if name == "patch_record":
        operation["requestBody"] = {
            "required": True,
            "content": {"application/merge-patch+json": {"schema": {"type": "object"}}},
        }
    if name == "import_file":
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": {"*/*": binary}}
    if name in MEDIA:
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                response["content"] = {media: {"schema": {}} for media in MEDIA[name]}
    if "If-None-Match" in HEADERS.get(name, ()):
        operation["responses"]["304"] = {"description": "It is as it was"}
    if name == "import_file":
        operation["responses"]["202"] = {"description": "It is done in the background"}
