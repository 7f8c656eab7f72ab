"""What happened in an incident, for its room and its timeline; `by` is who caused it."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Plural, Sentence

_AT_HAND: Final = "[ Runbook: {runbook}][ Dashboards: {dashboards}][ It depends on {depends_on}.]"

SENTENCES: Final[Mapping[str, Sentence]] = {
    "timeline.declared": f"{{by}} declared this incident[ as {{severity}}][, for {{service}}][ of {{team}}].{_AT_HAND}",
    "timeline.opened_by_alert": Plural(
        one=f"{{by}} opened this incident[ as {{severity}}][, for {{service}}][ of {{team}}], for an alert[: {{titles}}].{_AT_HAND}",
        other=f"{{by}} opened this incident[ as {{severity}}][, for {{service}}][ of {{team}}], for {{count}} alerts[: {{titles}}].{_AT_HAND}",
    ),
    "timeline.alerts_joined": Plural(
        one="An alert fires[: {titles}].",
        other="{count} alerts fire[: {titles}].",
    ),
    "timeline.alerts_resolved": Plural(
        one="An alert is over[; still firing: {firing}].",
        other="{count} alerts are over[; still firing: {firing}].",
    ),
    "timeline.alerts_expired": Plural(
        one="An alert was not heard of for {hours} hours and counts as over. Its source may be gone: look before you trust the quiet.",
        other="{count} alerts were not heard of for {hours} hours and count as over. Their source may be gone: look before you trust the quiet.",
    ),
    "timeline.dependant_joined": "Alerts of {service} join[: {titles}]. It depends on {cause}[ ({way})], and its team is told.",
    "timeline.dependency_broke": "{service}, which this depends on, is broken too: see {cause}.",
    "timeline.all_quiet": "No alert of this incident fires any more.[ It resolves by itself {resolves_at} if it stays so.| Is it over? Then resolve it.]",
    "timeline.firing_again": "It fires again after it was quiet[: {titles}].",
    "timeline.flapping": Plural(
        one="An alert flaps: {titles}. It turned {turns} times within {within}. It counts as firing until it has been steady for as long; till then its returns call nobody.",
        other="{count} alerts flap: {titles}. They turned up to {turns} times within {within}. They count as firing until they have been steady for as long; till then their returns call nobody.",
    ),
    "timeline.steady": Plural(
        one="An alert is steady again: {titles}.", other="{count} alerts are steady again: {titles}."
    ),
    "timeline.ring_spared": Plural(
        one="Nobody is called for that: it rang once within {within} already, which is the limit[ of the rule {rule}].",
        other="Nobody is called for that: it rang {count} times within {within} already, which is the limit[ of the rule {rule}].",
    ),
    "timeline.storm_began": "An alert storm: more than {limit} groups of alerts began within {seconds} seconds. Alerts milder than {critical} that begin from now on are gathered here until it has passed; the others open incidents of their own.",
    "timeline.storm_spared": Plural(
        one="Not gathered here, since it is critical: {titles}.",
        other="Not gathered here, since they are critical, {count} incidents: {titles}.",
    ),
    "timeline.storm_left": Plural(
        one="An alert that was gathered here has become critical and is looked after by itself: {titles}.",
        other="{count} alerts that were gathered here have become critical and are looked after by themselves: {titles}.",
    ),
    "timeline.storm_passed": Plural(
        one="The alert storm has passed; one group was gathered. Newcomers open incidents of their own again.[ Still firing: {titles}][ and {more} more].",
        other="The alert storm has passed; {count} groups were gathered. Newcomers open incidents of their own again.[ Still firing: {titles}][ and {more} more].",
    ),
    "timeline.severity_changed": "{by} changed the severity from {before} to {severity}[: {reason}].",
    "timeline.status_changed": "{by} moved it from {before} to {status}[: {summary}].",
    "timeline.status_changed.mitigated": "{by}: the harm has stopped (mitigated)[: {summary}].",
    "timeline.status_changed.resolved": "{by} resolved it[: {summary}].",
    "timeline.status_changed.cancelled": "{by} cancelled it: it was no incident[: {summary}].",
    "timeline.status_changed.closed": "{by} closed it.",
    "timeline.reopened": "{by} reopened it[: {reason}].",
    "timeline.acknowledged": "{by} [answered too; {person} has it|has it: nobody else is called].",
    "timeline.role_assigned": "{person} is {role} now[ (by {by})].",
    "timeline.note": "{by} noted: {text}",
    "timeline.service_changed": "A change in this service, told by {by}: {text}[ ({url})]",
    "timeline.update": "Update by {by}: {text}[ (The next update is due {next_at}.)]",
    "timeline.update_overdue": "An update was due {due_at}. How does it stand?",
    "timeline.commander_missing": "Nobody leads this incident yet. Who takes it?",
    "timeline.paged": "Called[ by {person}]: {people}[ (step {step})][, round {round}].",
    "timeline.page_failed": "Calling {person} by {channel} failed[: {reason}]. Whoever can reach them another way, please do.",
    "timeline.nobody_to_page": "Nobody could be called[ at step {step}][ of the policy {policy}][ in round {round}]: there is nobody in it now.",
    "timeline.escalation_exhausted": "Everyone was called (steps: {steps}) and nobody answered. Whoever reads this: please acknowledge it.",
    "timeline.followup_added": "Follow-up for {owner}, due {due_at}: {text}",
    "timeline.followup_done": "Follow-up done[ (of {owner})]: {text}",
    "timeline.followup_reminded": "Reminded {owner} of a follow-up that was due {due_at}: {text}",
    "timeline.postmortem_opened": "The postmortem begins: {count} questions, one at a time[, led by {owner}|. Whoever answers first leads it].",
    "timeline.postmortem_finished": "{by} finished the postmortem: all {count} questions are answered or skipped. It is ready for review.",
    "timeline.postmortem_waived": "{by} decided that this incident needs no postmortem: {reason}",
    "timeline.swept": "Tocsin found nothing ahead of this incident and set its next step.",
}
