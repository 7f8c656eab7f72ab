"""What a decision wants done outside, in the words of incidents: stored first, told by a loop afterwards."""

from dataclasses import dataclass

from bot.domain.message import Message


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Open the incident's room in every chat."""


@dataclass(frozen=True, slots=True)
class Invite:
    """Bring people (ids) into the incident's room."""

    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawCard:
    """Post and pin the incident's card, or redraw it from the incident as it then is.

    One that may be `gently` done is about nothing but how many alerts there are: it can wait for more of that.
    """

    gently: bool = False


@dataclass(frozen=True, slots=True)
class PinCard:
    """Pin the card that stands in the incident's room: what was not done when it was posted."""


@dataclass(frozen=True, slots=True)
class KeepLink:
    """Keep the address of the incident's page at hand in its room: what was not done when that was opened."""


@dataclass(frozen=True, slots=True)
class TellEnds:
    """Say in the incident's room how many of its alerts are over since that was last said, several times in one."""


@dataclass(frozen=True, slots=True)
class Say:
    """Say something in the incident's room. `actions` adds the buttons named, such as `resolve`.

    `also` is what else was decided with it: lines of the same message, since a chat may take few messages.
    """

    message: Message
    loud: bool = False
    actions: tuple[str, ...] = ()
    also: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Announce:
    """Say something where everyone hears it: the announcement room of every chat."""

    message: Message


@dataclass(frozen=True, slots=True)
class Page:
    """Call a person (id) by every channel they have. `step` counts from 1 over the whole escalation; 0: by hand.

    `episode` counts the escalations of an incident, so that a page of a new one is never taken for an old one.
    """

    person: str
    step: int
    episode: int
    reason: Message


@dataclass(frozen=True, slots=True)
class Tell:
    """Send a person (id) a direct message that is not a page."""

    person: str
    message: Message
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CloseRoom:
    """Archive the incident's room in every chat; what was said stays readable."""


@dataclass(frozen=True, slots=True)
class SetTopic:
    """Let the topic of the incident's room say what its severity and title are now."""


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """Ask a question (id) of the incident's postmortem in its room, or of one person (id) alone.

    It is drawn when it is told; a question that was answered by then is not asked. None: all are answered.
    """

    question: str | None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class ShareExport:
    """Put the whole incident and its postmortem into its room as a file, as they then are."""

    as_json: bool = False


Effect = (
    OpenRoom
    | Invite
    | DrawCard
    | PinCard
    | KeepLink
    | TellEnds
    | Say
    | Announce
    | Page
    | Tell
    | CloseRoom
    | SetTopic
    | AskQuestion
    | ShareExport
)
