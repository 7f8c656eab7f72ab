"""Why an alert calls nobody, in words for one reader: a silence with its author and its end."""

from collections.abc import Mapping

from bot.domain.alert import Alert
from bot.domain.hush import Silence
from bot.wording.speech import Speech
from handlers.silencing import about_silence


def reason_of(alert: Alert, silences: Mapping[str, Silence], speech: Speech) -> str | None:
    """Return it; None where there is none. `silences` are those that hold alerts back, by their keys."""
    silence = silences.get(alert.held_by) if alert.held_by is not None else None
    if silence is None:
        return alert.reason
    key = "suppressed.by_maintenance" if silence.is_maintenance else "suppressed.by_silence"
    return speech.words(key, **about_silence(silence))
