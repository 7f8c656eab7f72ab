"""What a single person is sent: calls (page), reminders (remind) and news that concern them (tell)."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "page.incident": "You are called to {ref} ({severity}[, {service}]): {title}",
    "page.asked": "{by} calls you to {ref} ({severity}[, {service}]): {title}[ – {reason}]",
    "page.repeat": "You are called to {ref} ({severity}[, {service}]): {title} (It may reach you twice: the first call was not confirmed.)",
    "remind.update": "{ref} · {title}: an update is overdue and you lead it. Write one with “update {ref} …”.",
    "remind.followup": "A follow-up of yours from {ref} ({title}) was due {due_at}: {text}. Done? “followup done” in its room says so.",
    "tell.role": "{by} made you {role} of {ref}: {title}",
    "tell.late": "Tocsin was interrupted and carried out a line of yours only now (“{line}”): {answer}",
    "tell.followup": "{by} gave you a follow-up of {ref} ({title}), due {due_at}: {text}",
}
