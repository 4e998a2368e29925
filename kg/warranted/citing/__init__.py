"""How a release, a package or a query is cited."""

from warranted.citing.crate import crate
from warranted.citing.styles import FORMATS
from warranted.citing.works import Work

__all__ = ["FORMATS", "Work", "crate"]
