"""Text from outside is shown as it is and does nothing."""

import pytest

from tests.contracts.chat.house import House

HOSTILE = {
    "calls of everyone": "<!channel> <!here> @everyone @here",
    "markup of Slack": "<https://evil.example|your bank> *bold* ~gone~ `code` &lt;b&gt;",
    "markup of HTML": '<b>bold</b> <a href="https://evil.example">your bank</a> <script>alert(1)</script> </b>',
    "right to left": "انقطع \u202eتنزيل النموذج\u202c عن الخدمة",
    "signs nobody sees": "NUL \x00 bell \x07 zero\u200bwidth",
    "half a letter": "half \ud83d of a letter",
    "very long": "long " * 20_000,
}


SAYABLE = {name: text for name, text in HOSTILE.items() if name != "half a letter"}
"""The API takes no JSON that is not Unicode."""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_what_an_alert_says_is_harmless(house: House, text: str) -> None:
    await house.alert(f"Down: {text}", labels={"alertname": text[:200], "team": text[:200]}, summary=text)

    room = await house.room("inc-1-")

    assert "Down:" in room.pinned[0].text
    (call,) = await house.world.direct("amira")
    assert "Down:" in call.text
    assert not (await house.get("/effects?state=dead"))["items"]


@pytest.mark.parametrize("text", SAYABLE.values(), ids=SAYABLE.keys())
async def test_what_a_person_says_is_harmless(house: House, text: str) -> None:
    await house.alert("The model answers slowly")
    await house.room()

    await house.says("amira", f"note INC-1 {text[:3000]}")
    await house.says("amira", f"update INC-1 {text[:3000]}")
    await house.told()

    room = await house.room()
    assert len(room.messages) >= 3
    assert not (await house.get("/effects?state=dead"))["items"]
