"""`noise`: which alerts cry wolf, and why they should be tuned or deleted."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.access import Access
from bot.domain.noise import Quality
from bot.domain.phrases import Misread, parse_duration
from bot.domain.refusal import Refusal, Value
from bot.domain.text import clean, clip
from bot.wording.speech import Speech
from handlers.ask import About, Ask, Command, Reply
from handlers.lines import LONGEST_LINE, fitting
from handlers.reading import service_called
from handlers.weighing import USUAL_PERIOD, weigh

_SHOWN = 10
_LONGEST_PERIOD = timedelta(days=366)


async def run(ask: Ask) -> Reply:
    """Tell how the rules behind the alerts did, the noisiest first: of the last week, or of another time or service."""
    period, service = _asked(ask.words, ask)
    speech = ask.desk.speech(ask.person)
    weighed = await weigh(ask.unit, ask.org, ask.person.viewer, ask.now - period, ask.now, service=service)
    about: dict[str, Value] = {"period": speech.duration(period), "service": service}
    if not weighed.rules:
        return Reply(text=speech.words("noise.none", **about))
    lines = [speech.words("noise.head", **about)]
    if weighed.is_cut:
        lines.append(speech.words("noise.cut", until_at=weighed.until.isoformat()))
    for place, quality in enumerate(weighed.rules[:_SHOWN], 1):
        lines += _told(place, quality, speech)
    kept = fitting(lines)
    if len(weighed.rules) > _SHOWN or len(kept) < len(lines):
        kept.append(speech.words("noise.more"))
    return Reply(text="\n".join(kept))


def _asked(words: Sequence[str], ask: Ask) -> tuple[timedelta, str | None]:
    """Return the period and the service that are meant, in whichever order they stand."""
    period, service = USUAL_PERIOD, None
    for word in words:
        try:
            period = parse_duration(word)
        except Misread:
            service = service_called(word, ask.org).name
    if period > _LONGEST_PERIOD:
        raise Refusal("noise.period", limit=_LONGEST_PERIOD.days)
    return period, service


def _told(place: int, quality: Quality, speech: Speech) -> list[str]:
    """Return a rule in one line, and in a second one what should be done about it, if anything."""
    lasts = quality.median_duration
    said = speech.words(
        "noise.rule",
        place=place,
        name=clean(quality.rule.name),
        service=quality.rule.service,
        source=quality.rule.source,
        fired=quality.fired,
        paged=quality.paged,
        acknowledged=quality.acknowledged,
        night=quality.night_calls,
        flaps=quality.flaps,
        median=speech.duration(lasts) if lasts is not None else None,
    )
    lines = [clip(" ".join(said.split()), LONGEST_LINE)]
    if quality.advice is not None:
        advised = speech.words(
            f"noise.advice.{quality.advice.value}",
            paged=quality.paged,
            ignored=quality.ignored,
            night=quality.night_calls,
            flaps=quality.flaps,
            fired=quality.fired,
            median=speech.duration(lasts) if lasts is not None else None,
        )
        lines.append(advised)
    return lines


COMMAND = Command(
    name="noise",
    usage="[period] [service]",
    summary="command.noise",
    access=Access.VIEWER,
    about=About.NOTHING,
    run=run,
    examples=("noise", "noise 30d", "noise inference-gateway"),
    only_reads=True,
)
