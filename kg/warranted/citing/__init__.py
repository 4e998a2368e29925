"""How a release, a package or a query is cited."""

from warranted.citing.cited import package_work, query_work, release_work
from warranted.citing.crate import Files, Remote, crate
from warranted.citing.styles import FORMATS
from warranted.citing.works import Work

__all__ = [
    "FORMATS",
    "Files",
    "Remote",
    "Work",
    "crate",
    "package_work",
    "query_work",
    "release_work",
]
