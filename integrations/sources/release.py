"""What Tocsin itself says in the inbox of a source: that something which held its alerts back has ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import orjson

from bot.domain.said import Ended
from bot.ports.sources import AlertSource, Parsed, Route, Unreadable


class Releases:
    """Reads the reports that `handlers.releasing` writes. Nobody outside can send them: there is no route to it."""

    name: str = "release"
    sample: bytes = b'{"ended": ["silence:12"], "after": ""}'
    routes: Sequence[Route] = ()

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a report."""
        try:
            found = orjson.loads(body)
            ended = Ended(tuple(str(key) for key in found["ended"]), str(found["after"]))
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise Unreadable("it does not say what has ended", "release") from error
        return Parsed((), said=(ended,))


OWN: Final[AlertSource] = Releases()
