"""What the tests of handlers share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.handlers.talking import Talk, talking


@pytest_asyncio.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    """Acme AI, whose people write lines to Tocsin."""
    async with talking(tmp_path) as opened:
        yield opened
