"""Writes and reads go on while the graph's engine is away; lost, it is made again from the ledger."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engines
from hub import Hub, path

DRIVER = (
    '<> a nic:PrimaryDriver ; rdfs:label "Written meanwhile"@en ; nic:notStated nic:contributesTo .'
)


def level(hub: Hub) -> None:
    """Wait until the graph has what the ledger has."""
    for _ in range(300):
        health = hub.curator.get("/health")
        if health["graph"] == health["ledger"]:
            return
        time.sleep(0.1)
    raise AssertionError(health)


def test_an_engine_that_goes_away_and_comes_back_empty(
    tmp_path: Path, running_hub: Callable[..., Any]
) -> None:
    port = engines.free_port()
    store = tmp_path / "engine"
    away = {
        "WARRANTED_GRAPH_QUERY": f"http://127.0.0.1:{port}/query",
        "WARRANTED_GRAPH_UPDATE": f"http://127.0.0.1:{port}/update",
    }
    with running_hub(tmp_path, **away) as hub:  # it is not even there at the start
        before = hub.curator.create("driver", DRIVER)
        assert hub.curator("GET", path(before)).status_code == 200
        with engines.oxigraph(store, port):
            level(hub)
            hub.curator.create("driver", DRIVER)
            level(hub)
        after = hub.curator.create("driver", DRIVER)
        assert hub.curator.get("/health")["graph"] is None
        assert hub.curator("GET", path(after)).status_code == 200
        with engines.oxigraph(store, port):
            level(hub)
        shutil.rmtree(store)
        with engines.oxigraph(store, port):
            level(hub)
