"""Text from outside is read as it was written, and does nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from bot.ports.chat import Ability
from tests.contracts.chat.house import House
from tests.contracts.chat.world import SeenMessage


@dataclass(frozen=True)
class Hostile:
    """A text, and how a person has to read it where it differs: at least its beginning where it is cut."""

    sent: str
    read: str = ""

    @property
    def words(self) -> str:
        return self.read or self.sent


HOSTILE = {
    "calls of everyone": Hostile("<!channel> <!here|here> @everyone @here @channel"),
    "mentions": Hostile("<@U0OMAR> <#C1|incidents> @omar_of_acme <!subteam^S1>"),
    "markup of Slack": Hostile("<https://evil.example|your bank> *bold* _it_ ~gone~ `code` &lt;b&gt;"),
    "markup of HTML": Hostile(
        '<b>bold</b> <a href="https://evil.example">your bank</a> <script>alert(1)</script> </b>'
    ),
    "mentions in HTML": Hostile('<a href="tg://user?id=2222">you</a> <code>x</code> &amp; <!-- gone --> <?php ?>'),
    "right to left": Hostile("انقطع \u202eتنزيل النموذج\u202c عن الخدمة", "انقطع تنزيل النموذج عن الخدمة"),
    "signs nobody sees": Hostile("NUL \x00 bell \x07 zero\u200bwidth", "NUL bell zero\u200bwidth"),
    "half a letter": Hostile("half \ud83d of a letter", "half \ufffd of a letter"),
    "very long": Hostile("long " * 20_000, "long " * 20),
}

SAYABLE = {name: text for name, text in HOSTILE.items() if name != "half a letter"}
"""The API takes no JSON that is not Unicode."""


def seen(text: str) -> str:
    """Return a text as an eye sees it: a word joiner is nothing to it, nor is where a line ends."""
    return " ".join(text.replace("\u2060", "").split())


def about(words: str, messages: Sequence[SeenMessage]) -> list[str]:
    """Return what the messages that hold these words say. None of them may ring."""
    found = [message for message in messages if words in message.text]
    assert [message for message in found if message.rings] == []
    return [seen(message.text) for message in found]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_what_an_alert_says_is_harmless(house: House, text: Hostile) -> None:
    await house.alert(f"Down: {text.sent}", labels={"alertname": text.sent[:200]}, summary=text.sent)
    room = await house.room()

    expected = seen(f"Down: {text.words}")
    (card,) = about("Down:", room.pinned)
    (call,) = about("Down:", await house.world.direct("amira"))
    announced = about("Down:", await house.world.announced())
    assert expected in card
    assert expected in call
    assert any(expected in told for told in announced)
    assert all(expected in told for told in about("Down:", room.messages))
    if house.can(Ability.TOPIC):
        assert expected in seen(room.topic)
    shown = await house.world.command("amira", "status", room)
    assert expected in seen(shown.text)
    assert not (await house.get("/effects?state=dead"))["items"]


@pytest.mark.parametrize("text", SAYABLE.values(), ids=SAYABLE.keys())
async def test_what_a_person_says_is_harmless(house: House, text: Hostile) -> None:
    await house.alert("The model answers slowly")
    await house.room()

    await house.says("amira", f"note INC-1 Noted: {text.sent[:3000]}")
    await house.says("amira", f"update INC-1 Updated: {text.sent[:3000]}")
    await house.told()

    room = await house.room()
    for what in ("Noted:", "Updated:"):
        (told,) = about(what, room.messages)
        assert seen(f"{what} {text.words}") in told
    assert not (await house.get("/effects?state=dead"))["items"]
