"""Runs the application with uvicorn."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn

from warranted.release import Release
from warranted.repository import Repository
from warranted.settings import Settings
from warranted_api.app import create_app
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
        uvicorn.run(
            create_app(store, settings, publish=make),
            host=settings.host,
            port=settings.port,
            http="httptools",
            loop="uvloop",
            server_header=False,
            timeout_graceful_shutdown=10,
            log_config=None,
            access_log=False,  # ours says the route, not the address
        )
