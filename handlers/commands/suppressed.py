"""`suppressed`: the alerts that fire and call nobody, each with its reason."""

from bot.domain.access import Access
from bot.domain.alert import Alert, AlertState
from bot.domain.text import clean, clip
from handlers.ask import About, Ask, Command, Reply
from handlers.lines import LONGEST_LINE, fitting
from handlers.reasons import reason_of
from handlers.silencing import why_held

MOST = 20


async def run(ask: Ask) -> Reply:
    """List them, the newest first."""
    speech = ask.desk.speech(ask.person)
    window = await ask.unit.alerts.window([AlertState.SUPPRESSED], ask.person.viewer, limit=MOST)
    if not window.items:
        return Reply(text=speech.words("suppressed.none"))
    silences = await why_held(ask.unit, window.items)

    def line(alert: Alert) -> str:
        title, reason = clean(alert.title), reason_of(alert, silences, speech)
        said = speech.words(
            "suppressed.line", severity=alert.severity.name, title=title, service=alert.service, reason=reason
        )
        return clip(" ".join(said.split()), LONGEST_LINE)

    lines = fitting([line(alert) for alert in window.items])
    if window.next_cursor is not None or len(lines) < len(window.items):
        lines.append(speech.words("suppressed.more"))
    return Reply(text="\n".join(lines))


COMMAND = Command(
    name="suppressed",
    usage="",
    summary="command.suppressed",
    access=Access.VIEWER,
    about=About.NOTHING,
    run=run,
    examples=("suppressed",),
    only_reads=True,
)
