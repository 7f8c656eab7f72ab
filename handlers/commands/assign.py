"""`assign`, or `lead`: give a role in the incident to someone."""

from bot.domain.access import Access, Role, parse_role
from bot.domain.actions import Assign
from bot.domain.organisation import Person
from bot.domain.refusal import Refusal
from bot.domain.text import nearest
from handlers.ask import About, Ask, Command, Reply
from handlers.reading import person_called

_FILLERS = frozenset({"as", "to", "is", "the"})


async def run(ask: Ask) -> Reply:
    """Give a role to a person, in either order; commander where no role is named, oneself where nobody is."""
    role: Role | None = None
    person: Person | None = None
    for word in ask.words:
        named = _role(word) if role is None else None
        if named is not None:
            role = named
        elif word.casefold() not in _FILLERS:
            if person is not None:
                raise Refusal("assign.two", first=person.name, second=word)
            person = _person(word, ask)
    decision = await ask.act(Assign(role or Role.COMMANDER, (person or ask.person).id))
    return Reply(message=decision.reply, incident=decision.incident)


def _role(word: str) -> Role | None:
    try:
        return parse_role(word)
    except Refusal:
        return None


def _person(word: str, ask: Ask) -> Person:
    try:
        return person_called(word, ask.org, ask.person)
    except Refusal as unknown:
        role = nearest(word, Role)
        if role is not None and unknown.fields["like"] is None:
            raise Refusal("role.unlike", given=word, like=role) from None
        raise


COMMAND = Command(
    name="assign",
    aliases=("lead",),
    usage="[INC-42] [commander|deputy|scribe|liaison|responder] [@person]",
    summary="command.assign",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    examples=("lead", "assign @omar", "assign scribe @omar"),
)
