"""How Tocsin says no: what was wrong, why, and what to do instead."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Plural, Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    # The rules of an incident.
    "refusal.access.too_low": "“{what}” needs the access {needed}; yours is {held}. Ask someone who has it, or an administrator to raise yours.",
    "refusal.role.unknown": "“{given}” is no role. There are commander, deputy, scribe, liaison and responder.",
    "refusal.role.unlike": "“{given}” is neither a role nor a person. Did you mean {like}?",
    "refusal.role.already": "{person} is {role} of {ref} already.",
    "refusal.person.gone": "That person is no longer in tocsin.yaml, so {ref} can't be given to them. Name someone else.",
    "refusal.person.unknown": "Nobody is called “{given}”.[ Did you mean {like}?] The names stand in tocsin.yaml, under people.",
    "refusal.assign.two": "A role goes to one person, and both {first} and {second} are named. Give it to one at a time.",
    "refusal.transition.already": "{ref} is {status} already.",
    "refusal.transition.illegal": "{ref} is {current} and can't become {wanted} from there. It can become: {possible}.",
    "refusal.transition.illegal.closed": "{ref} is {current}. “reopen {ref}” and a reason take it up again.",
    "refusal.transition.illegal.cancelled": "{ref} is {current}. “reopen {ref}” and a reason take it up again.",
    "refusal.transition.illegal.resolved": "{ref} is {current}. “reopen {ref}” and a reason take it up again, “close {ref}” puts it away.",
    "refusal.incident.ended": "{ref} is {status}; this can be done in an open incident only. “reopen {ref}” and a reason open it again.",
    "refusal.incident.unknown": "There is no incident {ref}, or it is not shown to you. “list” tells which ones there are.",
    "refusal.incident.which": "Which incident? Name it behind the command, such as “{verb} INC-42”, or write in its room. These are open:",
    "refusal.incident.none": "Which incident? None that you may see is open. Name one behind the command, such as “{verb} INC-42”.",
    "refusal.incident.two": "Both {first} and {second} are named. Do one at a time.",
    "refusal.reopen.reason": "Why does {ref} open again? Write “reopen {ref}” and the reason.",
    "refusal.reopen.open": "{ref} is open already ({status}).",
    "refusal.severity.unknown": "“{given}” is no severity. Use 1 to 5: SEV1 is the worst, SEV5 the mildest.",
    "refusal.severity.already": "{ref} is {severity} already.",
    "refusal.level.unknown": "“{given}” is no level. Use high, medium or low.",
    "refusal.kind.unknown": "“{given}” is no kind of incident.[ Did you mean {like}?] Use {possible}.",
    "refusal.visibility.unknown": "An incident can't be “{given}”. Use {possible}.",
    "refusal.service.unknown": "There is no service “{given}”.[ Did you mean {like}?] The services stand in tocsin.yaml.",
    "refusal.note.empty": "A note needs words: “note Restarted the gateway”.",
    "refusal.note.future": "A note tells what has happened; its time can't be ahead. For later there is “followup”.",
    "refusal.update.empty": "An update needs words: “update We are failing over”.",
    "refusal.page.whom": "Whom shall Tocsin call to {ref}? Write “page @omar”, “page schedule:ml-primary” or “page team:ml-platform”.",
    "refusal.page.nobody": "Nobody can be called for {ref} by that: it names nobody at this time. “oncall” tells who is on call.",
    "refusal.target.unknown": "“{given}” is neither a person nor a schedule nor a team.[ Did you mean {like}?]",
    "refusal.followup.past": "{due_at} has passed already. A follow-up is for a time to come.",
    "refusal.followup.when": "When shall it be done[: “{text}”]? Write the time first, such as “followup tomorrow 09:00 Rotate the key”.",
    "refusal.followup.empty": "What shall be done? Write it behind the time, such as “followup in 2h Rotate the key”.",
    "refusal.followup.which": Plural(
        one="[There is no follow-up “{given}”.|Which follow-up?] {ref} has one: “followup done 1”.",
        other="[There is no follow-up “{given}”.|Which follow-up?] {ref} has {count}; “followup list” numbers them, and “followup done 1” is the first.",
    ),
    # Commands.
    "refusal.verb.unknown": "“{given}” is no command.[ Did you mean “{like}”?] “help” lists them all.",
    "refusal.line.long": "That is longer than {limit} characters, so nothing was done. Say it shorter, or in several notes.",
    "refusal.option.unknown": "{given} is no option here.[ Did you mean {like}?][ There is: {possible}.]",
    "refusal.option.value": "{given} wants a value behind it, such as “{given} ...”.",
    "refusal.list.unknown": "There is no list “{given}”.[ Did you mean “list {like}”?] Use one of: {possible}.",
    "refusal.timeline.count": "“{given}” is not how many events to show; use a number from 1 to {limit}.",
    "refusal.oncall.unknown": "“{given}” is neither a schedule nor a service, policy or team, nor a time.[ Did you mean {like}?]",
    "refusal.account.unknown": "Tocsin does not know this account yet, so you may ask for “help” only. Ask an administrator to add “{chat}: {user}” to your entry under people in tocsin.yaml.",
    "refusal.link.nowhere": "There is no chat here that an account could be linked in.",
    "refusal.link.unknown": "“{given}” is no chat that an account can be linked in.[ Did you mean “link {like}”?]",
    "refusal.actor.unknown": "Nobody has the id “{actor}”. The people stand in tocsin.yaml.",
    "refusal.busy": "Others changed the incident at the same time, again and again, so “{verb}” was not carried out. Please send it once more.",
    "refusal.broken": "Something in Tocsin broke, and this was not carried out. Please tell an administrator the reference {reference}; the log has the cause.",
}
