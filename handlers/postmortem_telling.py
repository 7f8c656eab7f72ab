"""What is told of a postmortem, drawn when it is told: the question that is asked, and the export as a file."""

from bot.domain.cards import Card
from bot.domain.effects import AskQuestion
from bot.domain.incident import Incident
from bot.domain.organisation import Person
from bot.domain.postmortem_deciding import Sitting
from bot.domain.timeline import Actor
from handlers.desk import Desk
from handlers.exporting.gathering import gather
from handlers.exporting.markdown import markdown
from handlers.exporting.plain import as_json
from handlers.postmortem_asking import proposal
from handlers.postmortem_cards import question_card
from handlers.postmortem_keeping import sitting_of

_TELLER = Actor(part="delivery")


async def question_now(desk: Desk, incident: Incident, effect: AskQuestion, reader: Person | None) -> Card | None:
    """Return the card of a question as things now are; None: it is not asked any more."""
    async with desk.store.read(desk.tenant) as unit:
        sitting: Sitting | None = await sitting_of(desk, unit, incident, _TELLER)
        if sitting is None or not sitting.postmortem.is_asking or sitting.postmortem.current != effect.question:
            return None
        brought = await proposal(desk, unit, sitting, sitting.asked, reader)
        return question_card(sitting, brought, desk.speech(reader))


async def export_file(desk: Desk, incident: Incident, *, is_json: bool) -> tuple[str, bytes]:
    """Return the name and the body of the file that an export is."""
    org = desk.organisation()
    async with desk.store.read(desk.tenant) as unit:
        dossier = await gather(unit, incident, org)
    body = as_json(dossier, org) if is_json else markdown(dossier, org)
    return f"{incident.ref.lower()}.{'json' if is_json else 'md'}", body.encode("utf-8", "replace")
