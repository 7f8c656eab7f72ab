"""Why an alert calls nobody of its own, in words for one reader: a silence with its author and its end, or a storm."""

from collections.abc import Mapping

from bot.domain.alert import Alert
from bot.domain.hush import Silence
from bot.domain.incident import Incident
from bot.wording.speech import Speech
from handlers.silencing import about_silence


def reason_of(
    alert: Alert, silences: Mapping[str, Silence], speech: Speech, incident: Incident | None = None
) -> str | None:
    """Return it; None where there is none.

    `silences` are those that hold alerts back, by their keys; `incident` is the alert's.
    """
    silence = silences.get(alert.held_by) if alert.held_by is not None else None
    if silence is None:
        if alert.reason is None and incident is not None and incident.is_storm:
            return speech.words("card.storm_folded", ref=incident.ref)
        return alert.reason
    key = "suppressed.by_maintenance" if silence.is_maintenance else "suppressed.by_silence"
    return speech.words(key, **about_silence(silence))
