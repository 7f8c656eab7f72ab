"""Every sentence that the code refers to exists, and is given what it needs."""

from types import ModuleType

import pytest

from bot.domain.access import Access, Role, Visibility
from bot.domain.incident import Kind, Status
from bot.domain.timeline import EventKind
from bot.startup import StartupError
from bot.wording.catalogue import CHOSEN_BY, SENTENCES, discover
from bot.wording.sentence import Plural, Sentence, Template, template
from integrations.chat.discovery import declared
from tests.wording import broken_sentences, doubled_sentences
from tests.wording.references import Reference, references

REFERENCES = references()

# Keys that are put together where they are used: a prefix, and a value from a fixed list.
_MADE = (
    "timeline.",
    "announce.",
    "word.",
    "card.",
    "button.",
    "noise.advice.",
    "confirm.",
    "list.",
    "form.sev",
    "form.visibility.",
    "interview.",
    "reply.",
    "refusal.transition.illegal.",
    "web.",
)


def forms(sentence: Sentence) -> list[Template]:
    texts = (sentence.one, sentence.other) if isinstance(sentence, Plural) else (sentence,)
    return [template(text) for text in texts]


def needed(key: str) -> frozenset[str]:
    return frozenset().union(*(form.required for form in forms(SENTENCES[key])))


def shown(key: str) -> frozenset[str]:
    return frozenset().union(*(form.names for form in forms(SENTENCES[key])))


def test_the_code_is_read() -> None:
    keys = {reference.key for reference in REFERENCES}

    assert {"page.incident", "remind.update", "refusal.reopen.reason", "reply.acknowledged", "phrase.when"} <= keys


def test_every_sentence_that_the_code_refers_to_exists() -> None:
    missing = sorted(f"{each.place}: {each.key}" for each in REFERENCES if each.key not in SENTENCES)

    assert missing == []


@pytest.mark.parametrize(
    "reference", [each for each in REFERENCES if each.fields is not None], ids=lambda each: each.key
)
def test_a_sentence_is_given_every_field_that_it_needs(reference: Reference) -> None:
    assert reference.fields is not None

    assert needed(reference.key) - reference.fields == frozenset(), reference.place


@pytest.mark.parametrize("key", sorted(SENTENCES))
def test_every_sentence_can_be_read(key: str) -> None:
    for form in forms(SENTENCES[key]):
        assert form.parts


@pytest.mark.parametrize("key", [key for key, sentence in sorted(SENTENCES.items()) if isinstance(sentence, Plural)])
def test_a_sentence_that_counts_shows_the_number_where_there_are_many(key: str) -> None:
    sentence = SENTENCES[key]

    assert isinstance(sentence, Plural)
    assert "count" in template(sentence.other).names


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_its_sentences(kind: EventKind) -> None:
    assert f"timeline.{kind.value}" in SENTENCES
    assert f"announce.{kind.value}" in SENTENCES


@pytest.mark.parametrize("key", [key for key in sorted(SENTENCES) if key.startswith("announce.")])
def test_what_everyone_hears_names_the_incident(key: str) -> None:
    assert {"ref", "title"} <= needed(key)


@pytest.mark.parametrize("key", [key for key in sorted(SENTENCES) if key.startswith("timeline.")])
def test_the_timeline_needs_no_name_of_its_own_incident(key: str) -> None:
    assert not {"ref", "title"} & shown(key)


def test_tocsins_own_words_are_all_there() -> None:
    values = [*Status, *Role, *Kind, *Visibility, *(access.name.lower() for access in Access)]

    assert {f"word.{value}" for value in values} <= set(SENTENCES)


def test_a_sentence_of_its_own_belongs_to_a_sentence_for_all() -> None:
    for key, field in CHOSEN_BY.items():
        assert field in shown(key)
        assert any(variant.startswith(f"{key}.") for variant in SENTENCES)


def test_no_sentence_is_left_that_nobody_says() -> None:
    said = {reference.key for reference in REFERENCES}
    said |= {f"{chat.name}.stranger" for chat in declared()}
    unsaid = sorted(key for key in SENTENCES if key not in said and not key.startswith(_MADE))

    assert unsaid == []


@pytest.mark.parametrize(
    ("package", "complaint"),
    [(broken_sentences, "has no SENTENCES"), (doubled_sentences, "has reply.done, which another module has")],
)
def test_a_wrong_file_of_sentences_stops_the_start(package: ModuleType, complaint: str) -> None:
    with pytest.raises(StartupError, match=complaint):
        discover(package)
