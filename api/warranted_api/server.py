"""Runs the application with uvicorn."""

from __future__ import annotations

import uvicorn

from warranted.repository import Repository
from warranted.settings import Settings
from warranted_api.app import create_app


def serve(settings: Settings) -> None:
    """Serve until stopped; what is being answered is finished first."""
    with Repository(settings) as store:
        uvicorn.run(
            create_app(store, settings),
            host=settings.host,
            port=settings.port,
            http="httptools",
            loop="uvloop",
            server_header=False,
            timeout_graceful_shutdown=10,
            log_level="warning",
        )
