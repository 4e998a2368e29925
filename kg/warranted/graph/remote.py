"""The workspace graph in an engine elsewhere, by SPARQL 1.1 Query and Update, and the Graph Store
Protocol where there is one (W3C, 2013).

Requests are forms: Virtuoso hangs on a query sent as application/sparql-query. The engine's default
graph has to be the union of its named graphs, or queries have to name graphs; Virtuoso's is, Oxigraph's
server is started with --union-default-graph.

An engine need not take an update of several steps as one: the mark is set by the last step, and every
step can be done again, so that after a failure the graph catches up from the mark. Each record is
whole at any time for an engine that takes one step as one.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import httpx
import pyoxigraph as ox

from warranted.errors import ResultTooLarge, StoreUnavailable
from warranted.graph.port import APPLIED, DIGEST, META, Found, marked, triples_of
from warranted.ledger import Version
from warranted.query import guard

_STEP: Final = 200_000
"""Characters of triples in one update; engines have limits of their own, all above this."""

_PAGE: Final = 5_000
"""Graphs that are listed at once: an engine may cut off, or refuse to sort, what is longer."""

_ROWS: Final = "application/sparql-results+json"
_TRIPLES: Final = "application/n-triples, text/turtle;q=0.8"
_CUT: Final = "x-sparql-maxrows"
"""Virtuoso's word that there would have been more rows; the answer itself does not say so."""
_REFUSED: Final = (401, 403)


class RemoteGraph:
    """An engine at these endpoints. See `GraphPort`.

    Args:
        store_url: its Graph Store endpoint; empty: updates do all.
        user, password: by HTTP Basic, or Digest where the engine asks for that.
        timeout: seconds for one request. most: bytes of an answer to a query.
    """

    def __init__(
        self,
        query_url: str,
        update_url: str,
        store_url: str = "",
        *,
        user: str = "",
        password: str = "",
        timeout: float = 60.0,
        most: int = 50_000_000,
    ) -> None:
        self.query_url, self.update_url, self.store_url = query_url, update_url, store_url
        self._most = most
        self._write = threading.Lock()
        auth = _BasicOrDigest(user, password) if user else None
        self._client = httpx.Client(timeout=timeout, auth=auth, follow_redirects=False)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def applied(self) -> tuple[int, str]:
        """Number and digest of the last change that is in the graph; (0, "") if it is empty."""
        text = f"SELECT ?n ?d WHERE {{ GRAPH {META} {{ ?m {APPLIED} ?n ; {DIGEST} ?d }} }}"
        found = self.query(text)
        assert isinstance(found, ox.QuerySolutions)
        marks = [(int(row["n"].value), str(row["d"].value)) for row in found]
        # two marks are what is left of a step that was cut short: the lower one is certain
        return min(marks, default=(0, ""))

    def apply(self, changes: Sequence[Version]) -> None:
        """Bring in changes and set the mark last.

        Raises:
            StoreUnavailable: it could not be done; what was done can be done again.
        """
        latest = {change.record: change for change in changes}
        with self._write:
            steps: list[str] = []
            for record, change in latest.items():
                if change.body and len(change.body) > _STEP and self.store_url:
                    self._put(change)
                    continue
                step = f"DROP SILENT GRAPH <{record}>"
                if change.body:
                    step += (
                        f" ;\nINSERT DATA {{ GRAPH <{record}> {{ {triples_of(change.body)} }} }}"
                    )
                if steps and len(steps[-1]) + len(step) < _STEP:
                    steps[-1] += f" ;\n{step}"
                else:
                    steps.append(step)
            for step in steps:
                self._update(step)
            self._mark(changes[-1].seq, changes[-1].digest)

    def rebuild(self, current: Iterable[Version], last: int, digest: str) -> None:
        """Write every current record, take away what is none, and set the mark last.

        Readers are served meanwhile: each record as it was, then as it is.
        """
        with self._write:
            # without a mark, who is cut short starts anew
            self._update(f"DROP SILENT GRAPH {META}")
            held = self._graphs()
            batch: list[Version] = []
            size = 0
            for version in current:
                held.discard(version.record)
                if version.body and len(version.body) > _STEP and self.store_url:
                    self._put(version)
                    continue
                batch.append(version)
                size += len(version.body or "")
                if size > _STEP:
                    self._write_all(batch)
                    batch, size = [], 0
            self._write_all(batch)
            for graph in sorted(held):
                self._update(f"DROP SILENT GRAPH <{graph}>")
            if last:
                self._mark(last, digest)

    def query(self, text: str, *, graphs: Sequence[str] | None = None) -> Found:
        """Run a query; its default graph is the union of `graphs`, or the engine's own.

        Raises:
            SyntaxError: it does not parse. StoreUnavailable: the engine does not answer.
        """
        form: dict[str, str | list[str]] = {"query": text}
        if graphs is not None:
            form |= {"default-graph-uri": list(graphs), "named-graph-uri": list(graphs)}
        accept = _ROWS if guard.check(text) in ("SELECT", "ASK") else _TRIPLES
        answer, content = self._asked(form, accept)
        if answer.status_code == 400:
            raise SyntaxError(
                content.decode(errors="replace").strip().partition("\n")[0][:300] or "refused"
            )
        self._check(answer, self.query_url)
        if _CUT in answer.headers:
            raise ResultTooLarge(
                f"The engine of the graph cut its answer off after {answer.headers[_CUT]} rows.",
                fix="Ask for less, or let the engine answer with more (Virtuoso: ResultSetMaxRows).",
            )
        media = answer.headers.get("content-type", "").partition(";")[0].strip()
        if media == _ROWS:
            return ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
        turtle = media in ("text/turtle", "application/x-turtle")
        fmt = ox.RdfFormat.TURTLE if turtle else ox.RdfFormat.N_TRIPLES
        return [quad.triple for quad in ox.parse(content, format=fmt)]

    def _asked(self, form: dict[str, str | list[str]], accept: str) -> tuple[httpx.Response, bytes]:
        """The answer to a query, read until it is too long."""
        body = bytearray()
        with (
            self._faults(self.query_url),
            self._client.stream(
                "POST", self.query_url, data=form, headers={"Accept": accept}
            ) as answer,
        ):
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > self._most:
                    raise ResultTooLarge(
                        f"The answer is larger than {self._most:,} bytes.",
                        fix="Ask for less, with LIMIT for example.",
                    )
        return answer, bytes(body)

    def _put(self, version: Version) -> None:
        """One large record, whole, by the Graph Store Protocol: no update has room for it."""
        quads = ox.parse((version.body or "").encode(), format=ox.RdfFormat.N_QUADS)
        body = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES)
        with self._faults(self.store_url):
            answer = self._client.put(
                self.store_url,
                params={"graph": version.record},
                content=body,
                headers={"Content-Type": "application/n-triples"},
            )
        self._check(answer, self.store_url)

    def _write_all(self, batch: list[Version]) -> None:
        if not batch:
            return
        drops = " ;\n".join(f"DROP SILENT GRAPH <{version.record}>" for version in batch)
        data = "\n".join(
            f"GRAPH <{version.record}> {{ {triples_of(version.body)} }}"
            for version in batch
            if version.body
        )
        self._update(f"{drops} ;\nINSERT DATA {{ {data} }}")

    def _mark(self, seq: int, digest: str) -> None:
        self._update(f"DROP SILENT GRAPH {META} ;\nINSERT DATA {{ {marked(seq, digest)} }}")

    def _graphs(self) -> set[str]:
        """The graphs that hold records."""
        held: set[str] = set()
        while True:
            after = ox.Literal(max(held, default=""))
            found = self.query(
                "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } "
                f"FILTER(CONTAINS(STR(?g), '/id/') && STR(?g) > {after}) }} "
                f"ORDER BY STR(?g) LIMIT {_PAGE}"
            )
            assert isinstance(found, ox.QuerySolutions)
            page = {str(row["g"].value) for row in found}
            held |= page
            if len(page) < _PAGE:
                return held

    def _update(self, text: str) -> None:
        with self._faults(self.update_url):
            answer = self._client.post(
                self.update_url, data={"update": text}, headers={"Accept": "*/*"}
            )
        self._check(answer, self.update_url)

    def _check(self, answer: httpx.Response, url: str) -> None:
        if answer.is_success:
            return
        fix = (
            "See that graph_user and graph_password are right, and that it may write."
            if answer.status_code in _REFUSED
            else "See the engine's own log."
        )
        raise StoreUnavailable(
            f"The graph at {urlsplit(url).netloc} refused ({answer.status_code}).", fix=fix
        )

    @contextmanager
    def _faults(self, url: str) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            where = urlsplit(url)
            raise StoreUnavailable(
                f"The graph at {where.hostname}:{where.port} does not answer "
                f"({type(error).__name__}).",
                fix="See that it runs; what is written meanwhile reaches it later.",
            ) from error


class _BasicOrDigest(httpx.Auth):
    """Whichever the engine asks for; it is asked once. Virtuoso has no challenge for who tries Basic."""

    def __init__(self, user: str, password: str) -> None:
        self._basic = httpx.BasicAuth(user, password)
        self._digest = httpx.DigestAuth(user, password)
        self._chosen: httpx.BasicAuth | httpx.DigestAuth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request, with what the engine asks for."""
        if self._chosen is None:
            answer = yield request
            if answer.status_code != 401:
                return
            challenge = answer.headers.get("www-authenticate", "").lower()
            self._chosen = self._digest if challenge.startswith("digest") else self._basic
        yield from self._chosen.auth_flow(request)
