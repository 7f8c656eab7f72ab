"""Silences, maintenance, and alerts that are held back."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Plural, Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "silence.preview": "Silence alerts with {what}[ from {starts_at}] until {ends_at}?",
    "silence.would_hide": Plural(
        "It would hide {count} alert of the last 7 days[; firing now: {firing}].",
        "It would hide {count} alerts of the last 7 days[; firing now: {firing}].",
    ),
    "silence.cut": "There were more alerts than could be looked at; these are the newest.",
    "silence.criticals": Plural(
        "{count} of them is critical, and would call nobody either.",
        "{count} of them are critical, and would call nobody either.",
    ),
    "silence.confirm": "To begin it, press the button or write the same with {flags}.",
    "silence.button": "Silence[, {count} critical too]",
    "silence.begun": "{ref} holds back alerts with {what} until {ends_at}: {reason}. “unsilence {ref}” ends it earlier.",
    "silence.planned": "{ref} will hold back alerts with {what} from {starts_at} until {ends_at}: {reason}. “unsilence {ref}” takes it back.",
    "silence.ended": "{ref} is over.[ What still fires of the {held} alerts that it held back opens its incident now.]",
    "silence.extended": "{ref} goes on holding back alerts with {what} until {ends_at}: {reason}.",
    "silence.none": "Nothing is silenced, and no maintenance goes on.",
    "silence.line": "{ref} · {what} · until {ends_at} · by {person}[ · holds {held} now][ · has hidden {hidden}] · {reason}",
    "silence.line_planned": "{ref} · {what} · from {starts_at} until {ends_at} · by {person} · {reason}",
    "silence.window": "Maintenance {name} · until {ends_at}[ · holds {held} now][ · has hidden {hidden}]",
    "silence.inhibition": "Inhibition {name}[ · holds {held} now][ · has hidden {hidden}]",
    "notice.silence_ends": "Silence {ref} by {person} ends at {ends_at} and holds back {held} firing alerts: {what}. Then they open their incidents. To go on: silence extend {ref} 1h.",
    "notice.silence_ended": "Silence {ref} by {person} has ended: {what}.[ Alerts that it has hidden: {hidden}.][ Those that still fire and open their incidents now: {held}.]",
    "suppressed.none": "No firing alert is held back.",
    "suppressed.line": "{severity} {title}[ · {service}][ · {reason}]",
    "suppressed.more": "There are more: /api/v1/alerts?state=suppressed of the API has all of them.",
    "suppressed.by_silence": "silence {ref} by {person} until {ends_at}: {reason}",
    "suppressed.by_maintenance": "maintenance {ref} by {person} until {ends_at}: {reason}",
    "refusal.silence.everything": 'That would silence everything. Say which alerts are meant: service="features", alertname=~"Drift.*", or --service and a name.',
    "refusal.silence.matchers": 'These can\'t be read as matchers: {why}. Write them as in Alertmanager: alertname=~"Drift.*", severity="warning".',
    "refusal.silence.reason": "Say why, for those who wonder at the quiet: … because planned load test.",
    "refusal.silence.reason_long": "The reason is too long; {limit} characters are enough.",
    "refusal.silence.expiry": "Say for how long: for 2h, or until tomorrow 09:00.",
    "refusal.silence.over": "It would be over before it begins. Give an end that is still to come.",
    "refusal.silence.long": "A silence lasts {limit} days at most, lest it is forgotten. Give an earlier end.",
    "refusal.silence.far": "It would begin too far ahead; {limit} days are the most.",
    "refusal.silence.critical": Plural(
        "It would hide {count} critical alert of the last 7 days. If that is meant, add --critical.",
        "It would hide {count} critical alerts of the last 7 days. If that is meant, add --critical.",
    ),
    "refusal.silence.unknown": "There is no silence {given}. “silences” lists those there are.",
    "refusal.silence.ended": "{ref} has ended at {ended_at} already.",
    "refusal.silence.no_longer": "{ref} lasts until {ends_at} already. To end it earlier: unsilence {ref}.",
    "refusal.silence.which": "Say which silence: unsilence S-3. “silences” lists them.",
    "refusal.maintenance.service": "Say which service, by its name alone: maintenance feature-store for 2h because …",
}
