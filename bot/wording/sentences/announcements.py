"""What everyone hears, outside the incident's room: each sentence names the incident."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Plural, Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "announce.declared": "{ref} · {title}: {by} declared an incident[ ({severity})][ for {service}].",
    "announce.opened_by_alert": "{ref} · {title}: an incident was opened by alerts[ ({severity})][ for {service}].",
    "announce.alerts_joined": Plural(
        one="{ref} · {title}: an alert fires.", other="{ref} · {title}: {count} alerts fire."
    ),
    "announce.alerts_resolved": Plural(
        one="{ref} · {title}: an alert resolved.", other="{ref} · {title}: {count} alerts resolved."
    ),
    "announce.alerts_expired": Plural(
        one="{ref} · {title}: an alert was not heard of any more.",
        other="{ref} · {title}: {count} alerts were not heard of any more.",
    ),
    "announce.dependant_joined": "{ref} · {title}: alerts of {service} join, since it depends on {cause}.",
    "announce.dependency_broke": "{ref} · {title}: {service}, which it depends on, is broken too: see {cause}.",
    "announce.all_quiet": "{ref} · {title}: no alert fires any more.",
    "announce.firing_again": "{ref} · {title}: it fires again.",
    "announce.flapping": Plural(one="{ref} · {title}: an alert flaps.", other="{ref} · {title}: {count} alerts flap."),
    "announce.steady": Plural(
        one="{ref} · {title}: an alert is steady again.", other="{ref} · {title}: {count} alerts are steady again."
    ),
    "announce.ring_spared": "{ref} · {title}: nobody is called again, by its repeat limit.",
    "announce.storm_began": "{ref} · {title}: more than {limit} groups of alerts began within {seconds} seconds. Those milder than {critical} are gathered in this incident.",
    "announce.storm_spared": "{ref} · {title}: not gathered, since critical: {titles}.",
    "announce.storm_left": "{ref} · {title}: gathered no longer, since critical: {titles}.",
    "announce.storm_passed": "{ref} · {title}: the storm has passed; still firing: {firing}.",
    "announce.severity_changed": "{ref} · {title}: now {severity}, it was {before}[ ({reason})].",
    "announce.status_changed": "{ref} · {title}: now {status}[. {summary}]",
    "announce.status_changed.resolved": "{ref} · {title}: resolved by {by}[. {summary}]",
    "announce.status_changed.cancelled": "{ref} · {title}: cancelled, it was no incident[. {summary}]",
    "announce.reopened": "{ref} · {title}: reopened by {by}[. {reason}]",
    "announce.acknowledged": "{ref} · {title}: {by} has it.",
    "announce.role_assigned": "{ref} · {title}: {person} is {role} now.",
    "announce.note": "{ref} · {title}: {by} noted: {text}",
    "announce.service_changed": "{ref} · {title}: a change in its service, told by {by}: {text}",
    "announce.update": "{ref} · {title}: update by {by}: {text}",
    "announce.update_overdue": "{ref} · {title}: an update is overdue.",
    "announce.commander_missing": "{ref} · {title}: nobody leads it yet.",
    "announce.paged": "{ref} · {title}: called {people}.",
    "announce.page_failed": "{ref} · {title}: {person} could not be called by {channel}.",
    "announce.nobody_to_page": "{ref} · {title}: there was nobody to call.",
    "announce.escalation_exhausted": "{ref} · {title}: everyone was called (steps: {steps}) and nobody answered. Please acknowledge it.",
    "announce.followup_added": "{ref} · {title}: follow-up for {owner}: {text}",
    "announce.followup_done": "{ref} · {title}: follow-up done: {text}",
    "announce.followup_reminded": "{ref} · {title}: {owner} was reminded of a follow-up: {text}",
    "announce.postmortem_opened": "{ref} · {title}: its postmortem begins.",
    "announce.postmortem_finished": "{ref} · {title}: its postmortem is ready for review.",
    "announce.postmortem_waived": "{ref} · {title}: it needs no postmortem[ ({reason})].",
    "announce.swept": "{ref} · {title}: its next step was set.",
}
