"""A source's memory in which there is nothing."""

from bot.ports.dropins import Known
from bot.ports.records import Delivery


class Nothing:
    """Remembers nothing."""

    async def alert(self, fingerprint: str) -> Known | None:
        """Return nothing."""

    async def alert_by_id(self, alert_id: str) -> Known | None:
        """Return nothing."""

    async def delivery(self, delivery_id: str) -> Delivery | None:
        """Return nothing."""
