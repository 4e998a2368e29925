"""A record that the tests of curation start from."""

from __future__ import annotations

import pytest
from hub import Hub, driver


@pytest.fixture
def record(hub: Hub) -> str:
    """A driver that the curator made."""
    return hub.curator.create("driver", driver("Classroom talk"))
