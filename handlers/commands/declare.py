"""`declare`: open an incident by hand."""

from bot.domain.access import Access, Visibility
from bot.domain.actions import AddNote
from bot.domain.decision import Draft
from bot.domain.forms import Form, Option, Question, QuestionKind
from bot.domain.incident import Escalation, Incident, Kind
from bot.domain.opening import declare
from bot.domain.refusal import Refusal
from bot.domain.routing import policy_for
from bot.domain.severity import Level, Severity, parse_level, parse_severity, severity_of
from bot.domain.text import clip, nearest
from bot.ids import new_id
from bot.wording.speech import Speech
from handlers.ask import About, Ask, Command, Reply
from handlers.cards import incident_card
from handlers.deciding import act, keep
from handlers.reading import option, service_called

LONGEST_TITLE = 200
_UNTOLD = Severity.SEV3


async def run(ask: Ask) -> Reply:
    """Open the incident, call its policy's people unless told to be quiet, and show its card; without words, ask."""
    words = ask.rest or ask.options.get("title", "")
    title = " ".join(words.split())
    if not title:
        return Reply(form=_form(ask))
    service = None
    if "service" in ask.options:
        with option("service"):
            service = service_called(ask.options["service"], ask.org)
    kind = _kind(ask)
    incident = Incident(
        id=new_id(ask.now),
        number=await ask.unit.incidents.next_number(),
        title=clip(title, LONGEST_TITLE),
        severity=_severity(ask),
        opened_at=ask.now,
        kind=kind,
        visibility=_visibility(ask),
        service=service.name if service else None,
        team=service.team if service else None,
        opened_by=ask.person.id,
        escalation=Escalation(policy=policy_for(ask.org, service)),
        configuration=ask.org.version,
    )
    rings = "quiet" not in ask.options and kind is not Kind.BACKFILLED
    decision = declare(Draft(incident, ask.actor, ask.now, ask.org), rings=rings)
    stored = await keep(ask.desk, ask.unit, None, decision, ask.actor, what="Declare", token=ask.token)
    if len(title) > LONGEST_TITLE:
        # What doesn't fit into a title is still what somebody saw.
        stored = (await act(ask.desk, ask.unit, stored, AddNote(words), ask.actor, token=ask.token)).incident
    card = incident_card(stored, ask.org, ask.desk.speech(ask.person))
    return Reply(message=decision.reply, card=card, incident=stored)


def _severity(ask: Ask) -> Severity:
    """Return the severity named, else that of impact and urgency, else the middle one."""
    if "sev" in ask.options:
        with option("sev"):
            return parse_severity(ask.options["sev"])
    levels: dict[str, Level] = {}
    for name in ("impact", "urgency"):
        if name in ask.options:
            with option(name):
                levels[name] = parse_level(ask.options[name])
    if not levels:
        return _UNTOLD
    return severity_of(levels.get("impact", Level.MEDIUM), levels.get("urgency", Level.MEDIUM))


def _kind(ask: Ask) -> Kind:
    given = ask.options.get("kind", Kind.REAL.value)
    with option("kind"):
        try:
            return Kind(given.casefold())
        except ValueError:
            possible = ", ".join(Kind)
            raise Refusal("kind.unknown", given=given, possible=possible, like=nearest(given, Kind)) from None


def _visibility(ask: Ask) -> Visibility:
    if "private" in ask.options:
        return Visibility.PRIVATE
    given = ask.options.get("visibility", Visibility.OPEN.value)
    with option("visibility"):
        try:
            return Visibility(given.casefold())
        except ValueError:
            raise Refusal("visibility.unknown", given=given, possible=", ".join(Visibility)) from None


def _form(ask: Ask) -> Form:
    speech = ask.desk.speech(ask.person)
    given = ask.options
    questions = [
        Question("title", speech.words("form.declare.title"), value=given.get("title", "")),
        Question(
            "sev",
            speech.words("form.severity"),
            QuestionKind.CHOICE,
            options=severities(speech),
            value=_known_severity(given.get("sev", "")),
        ),
    ]
    services = tuple(Option(service.name, service.name) for service in ask.org.services)
    if services:
        chosen = given.get("service", "")
        questions.append(
            Question(
                "service",
                speech.words("form.service"),
                QuestionKind.CHOICE,
                required=False,
                options=services,
                value=chosen if ask.org.service(chosen) else "",
            )
        )
    visibilities = tuple(Option(each.value, speech.words(f"form.visibility.{each.value}")) for each in Visibility)
    questions.append(
        Question(
            "visibility",
            speech.words("form.visibility"),
            QuestionKind.CHOICE,
            required=False,
            options=visibilities,
            value=(Visibility.PRIVATE if "private" in given else Visibility.OPEN).value,
        )
    )
    quiet = " --quiet" if "quiet" in given else ""
    kind = f" --kind {given['kind']}" if given.get("kind", "").isalpha() else ""
    return Form(
        title=speech.words("form.declare"),
        command=f"declare{quiet}{kind}",
        questions=tuple(questions),
        submit=speech.words("form.declare.submit"),
    )


def severities(speech: Speech) -> tuple[Option, ...]:
    """Return the five severities as choices, each with what it means."""
    return tuple(Option(severity.name, speech.words(f"form.{severity.name.lower()}")) for severity in Severity)


def _known_severity(given: str) -> str:
    try:
        return parse_severity(given).name
    except Refusal:
        return _UNTOLD.name


COMMAND = Command(
    name="declare",
    aliases=("new",),
    usage="<what is wrong> [--sev 1-5] [--service name] [--impact high|medium|low] [--urgency high|medium|low]"
    " [--kind real|drill|test|backfilled] [--private] [--quiet]",
    summary="command.declare",
    access=Access.RESPONDER,
    about=About.NOTHING,
    run=run,
    options=("sev", "service", "impact", "urgency", "kind", "visibility", "title"),
    flags=("private", "quiet"),
    examples=('declare "GPU nodes down" --sev 2 --service inference-gateway', "declare Login is slow --impact high"),
    prose_after=0,
)
