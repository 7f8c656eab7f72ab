"""The catalogue as text."""

from bot.wording.catalogue import SENTENCES
from bot.wording.listing import TEMPLATE, listing, translators_template


def test_the_listing_has_every_key_with_its_sentence() -> None:
    lines = listing().splitlines()

    assert {line.split()[0] for line in lines} == set(SENTENCES)
    assert "word.triage  triage" in lines
    assert "timeline.alerts_joined (one)  An alert fires[: {titles}]." in lines


def test_the_translators_template_is_current() -> None:
    assert TEMPLATE.read_text(encoding="utf-8") == translators_template(), "a sentence changed: python -m bot.generated"
