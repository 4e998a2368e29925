"""Runs the application with uvicorn."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from warranted.query.datasets import Datasets
from warranted.release import Release
from warranted.repository import Repository
from warranted.settings import Settings
from warranted_api.app import create_app
from warranted_api.gathered import Protocol
from warranted_api.reader import create_reader
from warranted_api.watching import start_logging

Publish = Callable[[Repository, Settings, bool], Release]
"""Makes a release; the last argument says whether even if nothing changed."""


def serve(settings: Settings, publish: Publish | None = None) -> None:
    """Serve until stopped; what is being answered is finished first.

    Args:
        publish: what `POST /api/v1/releases` does; None: it is refused.
    """
    start_logging(settings.log)
    with Repository(settings) as store:
        make = (lambda force: publish(store, settings, force)) if publish else None
        _run(create_app(store, settings, publish=make), settings)


def serve_datasets(datasets: Datasets, settings: Settings) -> None:
    """Serve published datasets, without a repository, until stopped."""
    start_logging(settings.log)
    _run(create_reader(datasets, settings, settings.data / "citations"), settings)


def _run(app: FastAPI, settings: Settings) -> None:
    # uvicorn raises the signal again when it has ended: then what is open should still be closed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        http=Protocol,
        loop="uvloop",
        server_header=False,
        timeout_graceful_shutdown=10,
        log_config=None,
        access_log=False,  # ours says the route, not the address
    )
