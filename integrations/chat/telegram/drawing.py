"""A card, or any text, as one Telegram message."""

from typing import Final

from bot.domain.cards import Card, Tone
from bot.ports.chat import Content, Link
from bot.wording.speech import Speech
from integrations.chat.telegram.markup import LONGEST_MESSAGE, Run, bold, fit, to_html, units


def message(content: Content, speech: Speech, link: Link | None = None) -> str:
    """Return the HTML of a message within Telegram's limit, with a link for its last line.

    What has no words at all says so, since Telegram takes no blank.
    """
    last = [Run("\n\n"), Run(link.title, href=link.url)] if link is not None else []
    runs = _card(content, speech) if isinstance(content, Card) else [Run(content)]
    fitting = fit(runs, LONGEST_MESSAGE - sum(units(run.text) for run in last))
    if not any(run.text.strip() for run in fitting):
        fitting = [Run(speech.words("telegram.blank"))]
    return to_html([*fitting, *last])


_SIGNS: Final = {
    Tone.ALARM: "telegram.tone.alarm",
    Tone.WORKING: "telegram.tone.working",
    Tone.CALM: "telegram.tone.calm",
}


def _card(card: Card, speech: Speech) -> list[Run]:
    runs: list[Run] = []
    if (sign := _SIGNS.get(card.tone)) is not None:
        runs.append(Run(f"{speech.words(sign)}\n"))
    runs.append(bold(card.title))
    if card.fields:
        runs.append(Run("\n"))
    for field in card.fields:
        runs += [Run("\n"), bold(field.label), Run(f" {field.value}")]
    if card.body:
        runs.append(Run(f"\n\n{card.body}"))
    return runs
