"""The HTTP API over a store."""

from warranted_api.app import create_app
from warranted_api.server import serve, serve_datasets

__all__ = ["create_app", "serve", "serve_datasets"]
