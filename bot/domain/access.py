"""What a person may do (access), what they do in an incident (role), and what they may see."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from bot.domain.refusal import Refusal


class Access(IntEnum):
    """What a person may do, each level including those before it."""

    VIEWER = 1
    RESPONDER = 2
    MANAGER = 3
    ADMIN = 4


class Role(StrEnum):
    """What a person does in one incident. One person holds each of the first four; responders are many."""

    COMMANDER = "commander"
    DEPUTY = "deputy"
    SCRIBE = "scribe"
    LIAISON = "liaison"
    RESPONDER = "responder"


class Visibility(StrEnum):
    """Who may see an incident: everyone of the tenant, or those who take part in it and administrators."""

    OPEN = "open"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Viewer:
    """On whose behalf something is read. A read without one does not exist."""

    person: str | None
    access: Access

    def may_see(self, visibility: Visibility, participants: tuple[str, ...]) -> bool:
        """Say whether an incident of this visibility, with these participants, is shown to this viewer."""
        if visibility is Visibility.OPEN or self.access is Access.ADMIN:
            return True
        return self.person is not None and self.person in participants


SYSTEM = Viewer(person=None, access=Access.ADMIN)
"""Tocsin itself: its loops must see every incident to look after it."""


ANYONE = Viewer(person=None, access=Access.VIEWER)
"""Whoever may look at all: what is shown to them, nobody is kept from."""


def require(held: Access, needed: Access, what: str) -> None:
    """Refuse, naming both levels, unless the level held reaches the level needed for `what`."""
    if held < needed:
        raise Refusal("access.too_low", held=held.name.lower(), needed=needed.name.lower(), what=what)


def parse_role(text: str) -> Role:
    """Read a role by its name, or `lead` and `ic` for commander; anything else is refused."""
    word = text.strip().lower()
    if word in {"lead", "ic"}:
        return Role.COMMANDER
    try:
        return Role(word)
    except ValueError:
        raise Refusal("role.unknown", given=text) from None
