"""`silence`: hold alerts back for a while, after a look at what that would hide; or let a silence go on for longer."""

from bot.domain.access import Access
from bot.domain.cards import Button, Card, Tone, Weight
from bot.domain.refusal import Refusal, Value
from bot.domain.silencing import Preview, Wish
from bot.domain.text import clean
from handlers.ask import About, Ask, Command, Reply
from handlers.silencing import about_silence, begin, described, extend, preview_of
from handlers.wishing import OPTIONS, Written, extension_of, wish_of

LONGEST_BUTTON = 1_500
FLAGS = ("yes", "critical")


async def run(ask: Ask) -> Reply:
    """Show what a silence would hide, or begin it; `extend` and a silence's name let that one go on."""
    if len(ask.words) > 1 and ask.words[0].casefold() == "extend":
        return await _extended(ask)
    wish, written = wish_of(ask)
    return await silenced(ask, wish, written, "silence")


async def silenced(ask: Ask, wish: Wish, written: Written, verb: str) -> Reply:
    """Show what it would hide; once that is confirmed, begin it. One that hides criticals must say so."""
    speech = ask.desk.speech(ask.person)
    if "yes" in ask.options and "critical" in ask.options:
        found = Preview()
    else:
        found = await preview_of(ask.unit, wish, ask.person.viewer, ask.now)
    if "yes" not in ask.options:
        return _shown(ask, wish, written, found, verb)
    if found.critical:
        raise Refusal("silence.critical", count=found.critical)
    silence = await begin(ask.desk, ask.unit, wish, ask.person.id, ask.token)
    # It begins at its own instant, which is a little later than that of the question.
    key = "silence.begun" if silence.is_in_force(ask.desk.now()) else "silence.planned"
    return Reply(text=speech.words(key, **about_silence(silence)))


async def _extended(ask: Ask) -> Reply:
    ref, to = extension_of(ask)
    may = "critical" in ask.options
    silence = await extend(ask.desk, ask.unit, ref, to, person=ask.person, token=ask.token, may_hide_criticals=may)
    return Reply(text=ask.desk.speech(ask.person).words("silence.extended", **about_silence(silence)))


def _shown(ask: Ask, wish: Wish, written: Written, found: Preview, verb: str) -> Reply:
    speech = ask.desk.speech(ask.person)
    about: dict[str, Value] = {
        "what": described(wish.service, wish.matchers),
        "starts_at": wish.starts_at.isoformat() if wish.starts_at > ask.now else None,
        "ends_at": wish.ends_at.isoformat(),
    }
    title = speech.words("silence.preview", **about)
    lines = [speech.words("silence.would_hide", count=found.recent, firing=found.firing)]
    lines += [f"· {' '.join(clean(name).split())}" for name in found.titles]
    if found.is_cut:
        lines.append(speech.words("silence.cut"))
    if found.critical:
        lines.append(speech.words("silence.criticals", count=found.critical))
    flags = "--yes --critical" if found.critical else "--yes"
    lines.append(speech.words("silence.confirm", flags=flags))
    command = f"{verb} {flags} {written.line()}"
    label = speech.words("silence.button", count=found.critical)
    button = Button(label, command, Weight.DANGER if found.critical else Weight.PRIMARY)
    card = Card(
        title,
        fallback=" ".join([title, *lines]),
        tone=Tone.ALARM if found.critical else Tone.NEUTRAL,
        body="\n".join(lines),
        actions=(button,) if len(command) <= LONGEST_BUTTON else (),
    )
    return Reply(text="\n".join([title, *lines]), card=card)


COMMAND = Command(
    name="silence",
    aliases=("mute",),
    usage="<matchers or service> [from <time>] for <duration>|until <time> because <reason> [--service name]"
    " [--yes] [--critical]; or extend <S-3> <duration>|until <time> [--critical]",
    summary="command.silence",
    access=Access.RESPONDER,
    about=About.NOTHING,
    run=run,
    options=OPTIONS,
    flags=FLAGS,
    examples=(
        'silence service="features", alertname=~"Drift.*" for 2h because planned load test',
        "silence --service feature-store until tomorrow 09:00 because it is being moved --yes",
        "silence extend S-3 2h",
    ),
    prose_after=0,
)
