"""`status`: how an incident stands."""

from bot.domain.access import Access
from bot.domain.incident import OPEN_STATUSES
from bot.domain.message import Message
from handlers import storm_account
from handlers.ask import About, Ask, Command, Reply
from handlers.cards import incident_card
from handlers.commands.list import told


async def run(ask: Ask) -> Reply:
    """Show an incident's card; outside an incident's room, without a name, list those that are open."""
    incident = ask.incident
    speech = ask.desk.speech(ask.person)
    if incident is None:
        found = await ask.unit.incidents.window(OPEN_STATUSES, ask.person.viewer, limit=25)
        return Reply(text=told("open", list(found.items), speech, is_cut=found.next_cursor is not None))
    alerts = await ask.unit.alerts.of_incident(incident.id, limit=5)
    followups = await ask.unit.followups.of(incident.id)
    storm = await storm_account.of(ask.unit, incident, speech)
    about = {
        "ref": incident.ref,
        "severity": incident.severity.name,
        "status": incident.status.value,
        "title": incident.title,
        "person": incident.commander,
    }
    card = incident_card(incident, ask.org, speech, alerts=alerts, followups=followups, storm=storm)
    return Reply(message=Message("reply.status", about), card=card)


COMMAND = Command(
    name="status",
    aliases=("show",),
    usage="[INC-42]",
    summary="command.status",
    access=Access.VIEWER,
    about=About.MAYBE,
    run=run,
    examples=("status INC-42",),
    only_reads=True,
)
