"""A catalogue of 12,000 ideas fits a phone."""

from __future__ import annotations

import functools
import gzip
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.site.finding import show, status, told_in

from warranted import resources
from warranted.language import ENGLISH
from warranted_site import find
from warranted_site.find import facets
from warranted_site.find.catalogue import KINDS


def many(packages: int, each: int) -> list[find.Row]:
    """A catalogue of made-up titles, each word as likely as it is in the shipped packages' texts."""
    rng = random.Random(7)
    said = " ".join(
        p.read_text(encoding="utf-8") for p in sorted(resources.packages().glob("*.ttl"))
    )
    texts = re.findall(r'(?:rdfs:label|nic:\w+) "([^"]+)"', said)
    vocabulary = re.findall(r"[A-Za-z][a-z-]+", " ".join(texts))

    def title(least: int, most: int) -> str:
        return " ".join(rng.choices(vocabulary, k=rng.randint(least, most))).capitalize()

    def path(kind: str) -> str:
        id_ = "".join(rng.choices("abcdefghijkmnpqrstuvwxyz23456789", k=12))
        return f"{KINDS[kind][0]}{id_}/index.html"

    def scheme(name: str, *keys: str) -> list[facets.Value]:
        return [(name, name.capitalize(), key, key.capitalize()) for key in keys]

    levels = scheme("level", "primary", "lower-secondary", "upper-secondary", "college")
    places = scheme("locality", "city", "suburb", "town", "rural")
    roles = [title(2, 4) for _ in range(150)]
    found: list[find.Row] = []
    for p in range(packages):
        name = title(5, 9)
        inside = ((f"{'-'.join(name.lower().split()[:5])}-{p}/index.html", name),)
        own = [
            ("problem", "", title(5, 9), ""),
            *rng.sample(scheme("field", "education", "health"), 1),
        ]
        measures = [("measure", "", title(4, 8), "") for _ in range(4)]
        for _ in range(each):
            tested = rng.choice([(0, 0), (0, 0), (1, 1), (1, 2), (2, 3), (3, 4), (5, 6)])
            where = [*rng.sample(levels, 2), *rng.sample(places, 2)] if tested[1] else []
            how = [
                ("who", "", rng.choice(roles), ""),
                ("time", "", rng.choice(["5", "15", "60"]), ""),
            ]
            values = tuple(sorted({*own, *where, *how, *rng.sample(measures, 2)}))
            rank = rng.randint(-1, 4)
            found.append(
                find.Row("idea", path("idea"), title(4, 10), "", inside, rank, tested, 0, values)
            )
        values = tuple(sorted({*own, *measures}))
        found.append(find.Row("package", inside[0][0], name, rank=3, values=values))
        for kind, count in (("aim", 1), ("driver", 5), ("measure", 4), ("network", 1)):
            title_of = functools.partial(title, 4, 8)
            found += [
                find.Row(kind, path(kind), title_of(), packages=inside, values=tuple(sorted(own)))
                for _ in range(count)
            ]
    return found


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of 1,000 packages with 12,000 ideas."""
    out = tmp_path_factory.mktemp("large")
    find.write(many(1000, 12), out, language=ENGLISH)
    return out


def packed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 9, mtime=0))


def test_12000_ideas_fit_the_budget(large: Path) -> None:
    sizes = {f.name: packed(f) for f in sorted((large / "assets" / "find").iterdir())}
    print(sizes)
    assert sizes["catalogue.js"] <= 300_000
    first = sum(size for name, size in sizes.items() if name != "more.js")
    assert first <= 450_000, "everything the first result needs"
    assert len(told_in(large, "catalogue.js")["rows"]["titles"].split("\n")) == 13_000


@pytest.mark.browser
def test_12000_ideas_are_counted_on_a_phone(
    reader: Any, large: Path, small: Path, tmp_path: Path
) -> None:
    shutil.copytree(small / "assets", tmp_path / "assets")
    shutil.copytree(small / "find", tmp_path / "find")
    shutil.copytree(large / "assets" / "find", tmp_path / "assets" / "find", dirs_exist_ok=True)
    address = f"file://{tmp_path}/find/index.html"
    assert show(reader, address) == "12,000 of 12,000 change ideas"
    told = told_in(large, "catalogue.js")["rows"]
    ranks = told["ranks"][0]
    strong = sum(ranks[n] >= 3 for n in told["ranks"][1][:12_000])
    taken = reader.evaluate(
        "() => { const t = performance.now(); document.querySelector('input[value=\"3\"]').click();"
        " return performance.now() - t; }"
    )
    print(f"a filter over 12,000 ideas: {taken:.0f} ms")
    assert status(reader) == f"{strong:,} of 12,000 change ideas"
