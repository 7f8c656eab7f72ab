"""What to try next, by what has really happened to the incident."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.demo.house import ME
from bot.domain.message import Message


def hints(incident: Mapping[str, Any]) -> Iterator[Message]:
    """Return the hints that fit an incident as the API shows it, in the order of their turns.

    A hint fits only while what it proposes has not been done. Who tells them tells each once.
    """
    is_open = incident["status"] in {"triage", "investigating", "mitigated"}
    is_taken = incident["acknowledged_at"] is not None
    if is_open and not is_taken:
        # Who is being called has not been called yet.
        called = [page["person"] for page in incident["pages"] if page["sent_at"] is not None]
        if ME in called:
            yield Message("demo.hint.ack", {"name": next((name for name in called if name != ME), None)})
    if is_open and is_taken:
        yield Message("demo.hint.run")
        if not any(alert["state"] == "firing" for alert in incident["alerts"]):
            yield Message("demo.hint.resolve")
    if not is_open and incident["postmortem"] is not None:
        yield Message("demo.hint.interview")
        if incident["postmortem"]["answers"]:
            yield Message("demo.hint.export")
    elif not is_open:
        yield Message("demo.hint.after", {"ref": incident["ref"]})
