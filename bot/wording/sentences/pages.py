"""What people are sent: calls (page), reminders (remind), news that concern them (tell), and what is amiss (notice)."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "page.incident": "You are called to {ref} ({severity}[, {service}]): {title}",
    "page.asked": "{by} calls you to {ref} ({severity}[, {service}]): {title}[ – {reason}]",
    "page.repeat": "You are called to {ref} ({severity}[, {service}]): {title} (It may reach you twice: the first call was not confirmed.)",
    "remind.update": "{ref} · {title}: an update is overdue and you lead it. Write one with “update {ref} …”.",
    "remind.followup": "A follow-up of yours from {ref} ({title}) was due {due_at}: {text}. Done? “followup done” in its room says so.",
    "notice.quarantined": "A delivery of the source {source} could not be read and was set aside[: {error}]. It can be replayed after a fix; until then alerts of this kind go unheard.",
    "tell.role": "{by} made you {role} of {ref}: {title}",
    "tell.dependant": "Alerts of {service} join {ref} ({title}), since it depends on {cause}[: {titles}]. Others are called for that; you are told so that you know.",
    "tell.late": "Tocsin was interrupted and carried out a line of yours only now (“{line}”): {answer}",
    "tell.followup": "{by} gave you a follow-up of {ref} ({title}), due {due_at}: {text}",
}
