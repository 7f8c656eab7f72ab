"""What a sender may say beside which alerts fire and which are over: who has one, a note on one, other words for one, a change made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody has the alert, as they said elsewhere: whom its incident still calls need not be called."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Somebody wrote something about the alert; `by` is whom the sender says it was, empty when it does not say."""

    fingerprint: str
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reworded:
    """The alert is called or described otherwise from now on; None: as before."""

    fingerprint: str
    title: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """Something was changed on purpose: a release, a configuration. The labels say for which service it counts.

    `changed_at` is the sender's word; None: when it was received.
    """

    labels: Mapping[str, str]
    summary: str
    url: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """What held alerts back under these keys has ended; those whose ids come after `after` are looked at anew.

    Only Tocsin itself says so: see `handlers.releasing`.
    """

    keys: tuple[str, ...]
    after: str = ""


Said = Acknowledged | Noted | Reworded | Changed | Ended
