"""What the tests of the rules as queries share: the schemes as triples."""

from __future__ import annotations

from functools import cache

import pyoxigraph as ox

from warranted import resources


@cache
def schemes() -> tuple[ox.Triple, ...]:
    files = [f for n in ("schemes", "policies") for f in (resources.ontology() / n).glob("*.ttl")]
    return tuple(
        q.triple for f in sorted(files) for q in ox.parse(path=str(f), format=ox.RdfFormat.TURTLE)
    )
