"""`silences`: what holds alerts back now, or will."""

from bot.domain.access import Access
from bot.domain.hush import Silence
from bot.domain.refusal import Value
from bot.domain.text import clean, clip
from bot.ports.hushing import SilenceStage
from bot.wording.speech import Speech
from handlers.ask import About, Ask, Command, Reply
from handlers.holding import holders
from handlers.lines import LONGEST_LINE, fitting
from handlers.silencing import about_silence, held_now

MOST = 50


async def run(ask: Ask) -> Reply:
    """List silences and maintenance that are in force or to come, and what of the file holds alerts back now."""
    speech = ask.desk.speech(ask.person)
    stages = (SilenceStage.ACTIVE, SilenceStage.PENDING)
    silences = (await ask.unit.silences.window(stages, ask.now, limit=MOST)).items
    held = await held_now(ask.unit, silences)
    lines = [_line(silence, held.get(silence.number, 0), ask, speech) for silence in silences]
    for one in await holders(ask.unit, ask.org, ask.now):
        about: dict[str, Value] = {"name": one.name, "held": one.holds, "hidden": one.hidden}
        if one.ends_at is not None:
            lines.append(speech.words("silence.window", **about, ends_at=one.ends_at.isoformat()))
        elif not one.is_window and one.holds:
            lines.append(speech.words("silence.inhibition", **about))
    if not lines:
        return Reply(text=speech.words("silence.none"))
    return Reply(text="\n".join(fitting(lines)))


def _line(silence: Silence, held: int, ask: Ask, speech: Speech) -> str:
    key = "silence.line" if silence.is_in_force(ask.now) else "silence.line_planned"
    said = speech.words(key, **about_silence(silence), held=held, hidden=silence.hidden)
    return clip(" ".join(clean(said).split()), LONGEST_LINE)


COMMAND = Command(
    name="silences",
    usage="",
    summary="command.silences",
    access=Access.VIEWER,
    about=About.NOTHING,
    run=run,
    examples=("silences",),
    only_reads=True,
)
