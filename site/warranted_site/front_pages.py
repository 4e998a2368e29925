"""The pages of the whole site, in one language: home, lists, questions, about, data.

They are made from the summaries of the parts, never from records: so they cost the same whatever
changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from warranted.namespaces import SCHEME, SKOS
from warranted.release_data import ReleaseData
from warranted.warrant import default_policy
from warranted_site import find, machine
from warranted_site.filling import Filler, Page
from warranted_site.links import relative
from warranted_site.machine import feed, head, saying
from warranted_site.packages import Level
from warranted_site.question_pages import Answered
from warranted_site.record_pages import Around, site_of, switch
from warranted_site.summary import Row
from warranted_site.things import Things
from warranted_site.words import lower_first

SHOWN = 6
"""Rows of each list on the home page."""
TILES = 24
"""Packages the home page shows; all of them stand on a page of their own."""
WANTED, WANTED_EACH = 600, 3
"""Rows of the page of tests wanted in all, and the fewest of each network."""


@dataclass(frozen=True)
class Front:
    """What these pages show.

    Attributes:
        whole: the summary of all parts. paths: IRI of a record → its page.
        words: the schemes, as things. changes: what changed since the release before; see `changes`.
        query: what the page that queries in the browser needs; see `browser_query.values`.
        releases: what changed, release by release; see `machine.feed.shown`.
    """

    data: ReleaseData
    whole: Row
    paths: Mapping[str, str]
    words: Things
    around: Around
    answers: Sequence[Answered] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    releases: Any = ()
    query: Mapping[str, Any] = field(default_factory=dict)


class FrontPages:
    """Renders the pages of the whole site in one language."""

    def __init__(self, front: Front, filler: Filler) -> None:
        self.front, self.filler = front, filler
        self.site = site_of(front.data, front.around, filler.language)
        filler.add({"around": front.around, "skos": SKOS})
        filler.add(saying.vocabulary(filler.language, front.around.languages[0]))

    def pages(self) -> Iterator[Page]:
        """Every page of the whole site that tells of the release."""
        say, whole = self.filler.language.gettext, self.front.whole
        yield self._page("index.html", "home", "Warranted", **self._home())
        yield self._page(
            "packages/index.html",
            "packages",
            say("All change packages"),
            packages=whole["packages"],
        )
        yield self._page("about/index.html", "about", say("About the warrant"), **self._about())
        yield self._page(
            "data/index.html",
            "data",
            say("Data"),
            packages=whole["packages"],
            answers=self.front.answers,
        )
        yield self._page("wanted/index.html", "wanted", say("Tests wanted"), boards=self._boards())
        yield self._page(
            "questions/index.html",
            "questions",
            say("Questions the graph answers"),
            answers=self.front.answers,
        )
        for answered in self.front.answers:
            yield self._page(
                f"questions/{answered.question.key}/index.html",
                "question",
                say(answered.question.title),
                a=answered,
                where=lambda iri: self._where(iri, 2),
            )
        yield self._page("query/index.html", "query", say("Query"), **self.front.query)
        yield self._page("find/index.html", "find", say("Find"), **find.page(self.front.words))
        yield self._page(
            feed.PAGE,
            "changes",
            say("What changed"),
            releases=self.front.releases,
            where=self._where,
        )

    def _page(self, path: str, template: str, title: str, **more: Any) -> Page:
        data = self.front.data
        return self.filler.fill(
            path,
            template,
            title,
            head=head.lines(
                self.site, machine.Page(path, title, template, description=self._told(path))
            ),
            release=data.id,
            counts=data.manifest,
            switch=switch(self.filler, self.front.around.languages, path),
            **more,
        )

    def _told(self, path: str) -> str:
        """What search engines and shared links say of a page of the whole site."""
        if path != "index.html":
            return ""
        return self.filler.language.gettext(
            "What schools and clinics tried in order to improve, whether it worked somewhere like "
            "yours, and what you need to try it."
        )

    def _where(self, iri: str | None, depth: int = 1) -> str | None:
        """The page of the record with that IRI, from a page so many folders deep."""
        path = self.front.paths.get(iri or "")
        return None if path is None else relative(path, depth)

    def _home(self) -> dict[str, Any]:
        whole = self.front.whole
        by_rank = sorted(whole["ideas"], key=lambda i: (-i["level"]["rank"], i["label"]))
        real = [idea for idea in by_rank if not idea["made_up"]]
        made_up = [idea for idea in by_rank if idea["made_up"]]
        counts: dict[int, tuple[Row, int]] = {}
        for idea in real:
            rank = idea["level"]["rank"]
            counts[rank] = (idea["level"], counts.get(rank, (None, 0))[1] + 1)
        studies = [study for study in whole["studies"] if not study["made_up"]]
        return {
            "packages": whole["packages"][:TILES],
            "ways": self._ways(),
            "more_packages": len(whole["packages"][TILES:]),
            "strongest": [idea for idea in real if idea["level"]["rank"] > 0][:SHOWN],
            "failed": [idea for idea in reversed(real) if idea["failed"]][:SHOWN],
            "examples": [*made_up[:3], *made_up[3:][-1:]],
            "studies": sorted(studies, key=lambda s: (s["order"], s["label"]))[:SHOWN],
            "ladder": [counts[rank] for rank in sorted(counts, reverse=True)],
            "total_ideas": len(real),
            "changes": self.front.changes,
        }

    def _ways(self) -> list[tuple[str, str, int]]:
        """Ways into Find: what each is called, what it asks for, how many ideas it finds.

        None leads to made-up ideas alone.
        """
        say, ideas = self.filler.language.gettext, self.front.whole["ideas"]
        fields = {key: label for idea in ideas for key, label in idea["fields"].items()}
        found = {
            (label, f"field={quote(key)}"): [idea for idea in ideas if key in idea["fields"]]
            for key, label in sorted(fields.items(), key=lambda pair: pair[1])
        }
        quick = say("15 minutes or less"), "time=5&time=15"
        found[quick] = [idea for idea in ideas if idea["time"] in ("5", "15")]
        levels = find.page(self.front.words)["levels"]
        lowest = min((level for level in levels if level.rank > 0), key=lambda level: level.rank)
        name = self.filler.language.say("%(level)s or stronger", level=lowest.label)
        found[name, f"warrant={lowest.rank}"] = [
            idea for idea in ideas if idea["level"]["rank"] >= lowest.rank
        ]
        return [
            (label, query, len(those))
            for (label, query), those in found.items()
            if not all(idea["made_up"] for idea in those)
        ]

    def _boards(self) -> list[Row]:
        """The networks' boards; of many ideas each shows its nearest, so that a phone can load it."""
        boards = sorted(
            self.front.whole["wanted"], key=lambda b: (b["made_up"], b["network"] or "~")
        )
        most = max(WANTED_EACH, WANTED // max(len(boards), 1))
        return [
            board | {"rows_shown": board["rows"][:most], "more": len(board["rows"][most:])}
            for board in boards
        ]

    def _about(self) -> dict[str, Any]:
        things, policy, say = self.front.words, default_policy(), self.filler.language.say
        rows = []
        for concept in things.get(f"{SCHEME}warrant").back(f"{SKOS}inScheme"):
            rank = int(concept.text("rank"))
            rules = []
            for rule in policy.rules:
                for t in rule.thresholds if rule.level.rank == rank else ():
                    name = lower_first(things.get(f"{SCHEME}indicator/{t.indicator}").label)
                    bound = f"{float(t.bound):g}"
                    rules.append(
                        say("%(name)s at least %(bound)s", name=name, bound=bound)
                        if t.at_least
                        else say("%(name)s at most %(bound)s", name=name, bound=bound)
                    )
            rows.append((Level(rank, concept.label), concept.text(f"{SKOS}definition"), rules))
        return {
            "ladder_rules": sorted(rows, key=lambda row: -row[0].rank),
            "indicators": things.get(f"{SCHEME}indicator").back(f"{SKOS}inScheme"),
        }
