"""How good the alerts are, and what to do about those that are not."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "noise.none": "No alert[ of {service}] fired in the last {period}.",
    "noise.head": "Alerts[ of {service}] in the last {period}, the noisiest rule first:",
    "noise.cut": "There were more than can be counted: these are those up to {until_at}. Ask for a shorter time.",
    "noise.more": "There are more rules: /api/v1/noise of the API has all of them.",
    "noise.rule": "{place}. {name}[ · {service}] · {source}: fired {fired}[, paged {paged}][, acknowledged {acknowledged}][, night calls {night}][, flaps {flaps}][, lasts {median}]",
    "noise.advice.ignored": "   Tune or delete: {paged} paged somebody, and for {ignored} of them nobody answered.",
    "noise.advice.nightly": "   Tune or delete: {ignored} of {paged} were not answered, and {night} calls came at night. Let it wait for the morning.",
    "noise.advice.flapping": "   Tune: it fired again within an hour of its end {flaps} times. Let it wait longer, or widen its threshold.",
    "noise.advice.brief": "   Tune: half of its {fired} alerts were over in less than {median} by themselves. Let it wait longer before it fires.",
    "noise.advice.unused": "   Delete? It fired {fired} times and never called anybody.",
    "refusal.noise.period": "That is too long ago; ask for {limit} days at most.",
}
