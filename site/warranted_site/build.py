"""Builds the site of a release: the parts that changed, then what is common to all.

    site/           what readers get
    site.json       beside it: of each part what it was made from and the files it has; see `state`

A part whose records are as they were keeps its files from the release before; a part that changed is
made anew, and as it was it is archived. Broken links fail the build.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from warranted.errors import GateFailed, StoreUnavailable
from warranted.release_data import ReleaseData
from warranted_site import find, front, keeping, linkcheck, spent, versions
from warranted_site.filling import Page
from warranted_site.linking import link
from warranted_site.options import Options
from warranted_site.part_build import Built, Earlier, Job, begin, build_part
from warranted_site.parts import Part, parts_of, sent
from warranted_site.record_pages import Around
from warranted_site.state import Kept, State
from warranted_site.versions import Archived

Progress = Callable[[int, int, str], None]
TOLD: Final = 50
"""Broken links that are told of by name."""
AHEAD: Final = 4
"""Parts that wait for each process."""
WORTH: Final = 4
"""Parts to be made for each process, from which one more process is worth its start."""


def build_site(
    data: ReleaseData,
    out: Path,
    progress: Progress,
    options: Options | None = None,
    took: spent.Seconds | None = None,
) -> None:
    """Write the site of `data` into the new folder `out`, and its state beside it.

    Besides the pages: `.ttl` and `.jsonld` beside each, the dumps under `data/dumps/`, `pages.json`,
    which says where each record is shown, and the rules by which a static host leads there.

    Args:
        took: what was spent of the processors, by stage, is added to it.

    Raises:
        GateFailed: a link leads nowhere; each is named with its page.
        StoreUnavailable: a process that made pages was killed.
    """
    options, took = options or Options(), took if took is not None else {}
    progress(0, 0, "gathering pages")
    out.mkdir(parents=True)
    before = data.previous.site if data.previous else None
    with spent.counted(took, "planning"):
        old = State.read(before) if before else State()
        plan = _Plan(data, out, options, before, old)
    with TemporaryDirectory() as scratch, _keeping(plan, took) as wait:
        words = find.Written(Path(scratch), options.languages[0].code)
        _build_parts(plan, words.folder, progress, took)
        progress(0, 0, "writing pages")
        kept = front.Before(before, old.groups, plan.indexed(), wait)
        whole = front.write(data, out, options, plan.kept, plan.reasons, kept, words, took)
        with spent.counted(took, "checks"):
            there = {f for part in plan.kept.values() for f in part.files} | whole.files
            archived = list(_archived(plan, there))
            progress(0, 0, "checking links")
            files = there | {f for one in archived for f in one.files}
            _check(plan.kept, whole.pages, files, archived)
        wait()
    with spent.counted(took, "planning"):
        State(plan.kept, archived, plan.history, whole.groups, whole.indexed, plan.purged).write(
            out, old
        )


class _Plan:
    """What is to be made, what is kept, and what comes of both."""

    def __init__(
        self, data: ReleaseData, out: Path, options: Options, before: Path | None, old: State
    ) -> None:
        self.data, self.out, self.options, self.before, self.old = data, out, options, before, old
        self.software = front.software(options)
        self.kept: dict[str, Kept] = {}
        self.todo: list[tuple[Part, tuple[str, str]]] = []
        self.reasons: dict[str, dict[str, Any]] = {one.code: {} for one in options.languages}
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.purged = front.digest(sorted(data.purged))
        for part in parts_of(data):
            was = old.parts.get(part.name)
            same = was is not None and was.content == part.content
            since = (was.version, was.digest) if was is not None and same else None
            self._remember(part, was, same)
            made_from = self.key(part)
            if was is not None and same and was.made_from == made_from:
                self.kept[part.name] = was
            else:
                self.todo.append((part, since or (data.id, data.manifest["digest"])))

    def key(self, part: Part) -> str:
        """A digest of all that the pages of a part come from."""
        told = [self.software, part.content, *(self.history.get(s, []) for s in part.slugs)]
        return front.digest(told)

    def _remember(self, part: Part, was: Kept | None, same: bool) -> None:
        """The versions of the part's packages, the newest first."""
        unread = {
            one.version for one in self.old.archived if one.part == part.name and self.gone(one)
        }
        if was is not None and not same and self.gone(was):
            unread.add(was.version)
        for slug in part.slugs:
            known = [
                v | {"records": [r for r in v["records"] if r["iri"] not in self.data.purged]}
                for v in self.old.history.get(slug, [])
                if v["id"] not in unread
            ]
            if not same or not known:
                known.insert(0, front.version(self.data, slug))
            self.history[slug] = known

    def earlier(self, part: Part) -> Earlier | None:
        """The part's pages in the site before, if it was there."""
        was = self.old.parts.get(part.name)
        if was is None or self.before is None:
            return None
        return Earlier(self.before, was.pages, was.printed, was.content == part.content)

    def indexed(self) -> find.Indexed | None:
        """The index of words that may be kept; none where a record was removed since, for whatever
        reason: its words must be found nowhere.
        """
        same = {name for name, part in self.kept.items() if part is self.old.parts.get(name)}
        here = {record.iri for record in self.data.records}
        gone = (
            iri
            for name, part in self.old.parts.items()
            if name not in same
            for iri in part.records
            if iri not in here
        )
        return self.old.indexed if self.old.purged == self.purged and not any(gone) else None

    def gone(self, one: Archived | Kept) -> bool:
        """Whether it holds what was removed for privacy: then no older version may show it."""
        return not self.data.purged.isdisjoint(one.records)


@contextmanager
def _keeping(plan: _Plan, took: spent.Seconds) -> Iterator[Callable[[], None]]:
    """Keep the files of the parts that are not made; what it gives waits for them."""
    if plan.before is None:
        yield lambda: None
        return
    with ExitStack() as stack:
        with spent.counted(took, "keeping"):
            paths = [path for was in plan.kept.values() for path in was.files]
            wait = stack.enter_context(keeping.beside(paths, plan.before, plan.out))

        def counted() -> None:
            with spent.counted(took, "keeping"):
                wait()

        yield counted


def _build_parts(plan: _Plan, words: Path, progress: Progress, took: spent.Seconds) -> None:
    around = Around(
        plan.options.languages,
        address=plan.options.address,
        hub=plan.options.hub,
        shell=plan.options.shell,
        dumps=plan.data.dumps is not None,
        publisher=plan.data.manifest.get("publisher", "Warranted"),
        versions=plan.history,
    )
    # Made one by one, as they are taken: all of them at once would be the release a second time.
    jobs = (
        Job(
            sent(part, plan.data, *version),
            plan.earlier(part),
            replace(around, versions={slug: plan.history[slug] for slug in part.slugs}),
            plan.out,
            plan.options.cache,
            plan.software,
            words,
        )
        for part, version in plan.todo
    )
    total = len(plan.todo)
    progress(0, total, "rendering")
    made = _run(jobs, total, plan.options)
    for done, ((part, version), built) in enumerate(zip(plan.todo, made, strict=True), 1):
        plan.kept[part.name] = Kept.of(built, part, plan.key(part), version)
        for code, found in built.reasons.items():
            plan.reasons[code] |= found
        spent.add(took, built.spent)
        progress(done, total, "rendering")
    plan.kept = dict(sorted(plan.kept.items()))


def _run(jobs: Iterator[Job], total: int, options: Options) -> Iterator[Built]:
    """What came of each of `total` jobs, in their order."""
    processes = options.processes or min(os.cpu_count() or 1, total // WORTH)
    if processes <= 1:
        yield from map(build_part, jobs)
        return
    try:
        with ProcessPoolExecutor(
            processes, mp_context=get_context("spawn"), initializer=begin
        ) as pool:
            for _ in range(processes):
                pool.submit(os.getpid)  # a process starts when there is work for it
            # The first job makes what all of them share (shell, templates), while they start.
            yield build_part(next(jobs))
            ahead = deque(pool.submit(build_part, job) for job in islice(jobs, processes * AHEAD))
            while ahead:
                built = ahead.popleft().result()
                ahead.extend(pool.submit(build_part, job) for job in islice(jobs, 1))
                yield built
    except BrokenProcessPool as error:
        raise StoreUnavailable(
            "A process that made pages was ended by the system.",
            fix="See that there is enough memory, or set fewer processes.",
        ) from error


def _archived(plan: _Plan, there: set[str]) -> Iterator[Archived]:
    """Older versions: those there were, and the parts that have changed now."""
    if plan.before is None:
        return
    for one in plan.old.archived:
        if not plan.gone(one):
            yield versions.carry(one, plan.before, plan.out, there, link)
    for name, was in plan.old.parts.items():
        now = plan.kept.get(name)
        if now is not None and now.version == was.version:
            continue
        if was.slugs and not plan.gone(was):
            old = Archived(was.version, name, was.slugs, was.records, was.files, [])
            yield versions.archive(old, plan.before, plan.out, there, link)


def _check(
    parts: Mapping[str, Kept], pages: Sequence[Page], files: set[str], archived: list[Archived]
) -> None:
    wrong = [fault for part in parts.values() for fault in part.faults]
    outward = [link for part in parts.values() for link in part.outward]
    outward += [link for one in archived for link in one.outward]
    wrong += [f"{page}: {target} leads nowhere" for page, target in outward if target not in files]
    read = {page.path: linkcheck.read(page.path, page.html) for page in pages}
    for path, found in sorted(read.items()):
        wrong += linkcheck.wrong(path, found, files, read)
    if wrong:
        more = [f"and {len(wrong) - TOLD:,} more"] if len(wrong) > TOLD else []
        raise GateFailed([*sorted(wrong)[:TOLD], *more])
