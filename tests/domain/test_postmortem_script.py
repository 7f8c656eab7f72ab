"""The script: questions as data, which know their version."""

from typing import Any

import pytest

from bot.config.script import own_script, read_script
from bot.domain.postmortem_script import PromptKind, Who, script_from_plain, script_to_plain
from bot.startup import StartupError
from tests.domain.postmortems import SCRIPT, prompt


def plain(*questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "own", "questions": list(questions), **more}


def question(name: str = "what", **changes: Any) -> dict[str, Any]:
    return {"id": name, "who": "owner", "kind": "text", "text": {"en": "What happened?"}, **changes}


def test_the_script_that_ships_asks_seventeen_questions_from_nought_to_sixteen() -> None:
    assert [one.number for one in SCRIPT.prompts] == list(range(17))
    assert [one.place for one in SCRIPT.prompts] == list(range(1, 18))
    assert all(one.text() and one.hint() for one in SCRIPT.prompts)
    assert {one.id for one in SCRIPT.prompts if one.is_private} == {"view", "surprise", "pressure"}
    assert [one.id for one in SCRIPT.prompts if one.is_anonymous] == ["closing"]
    assert {one.kind for one in SCRIPT.prompts} == set(PromptKind)
    assert {one.who for one in SCRIPT.prompts} == set(Who)


def test_a_script_comes_back_from_plain_values_with_the_same_version() -> None:
    assert script_from_plain(script_to_plain(SCRIPT)) == SCRIPT


def test_another_word_is_another_version_and_another_order_of_keys_is_not() -> None:
    first = script_from_plain(plain(question()))
    same = script_from_plain(plain(dict(reversed(question().items())), comment="x"))
    other = script_from_plain(plain(question(text={"en": "What went on?"})))
    assert first.digest == same.digest != other.digest


def test_a_question_is_asked_in_the_language_of_its_reader_and_else_in_english() -> None:
    texts = {"en": "What happened?", "ar": "ماذا حدث؟"}
    asked = script_from_plain(plain(question(text=texts, hint={"ar": "جملتان"}))).prompts[0]
    assert (asked.text("ar"), asked.text("de"), asked.hint("ar"), asked.hint()) == (
        "ماذا حدث؟",
        "What happened?",
        "جملتان",
        "",
    )


def test_questions_are_found_by_name_and_by_place() -> None:
    assert SCRIPT.at(3) == SCRIPT.prompt("summary") == prompt("summary")
    assert SCRIPT.at(18) is None
    assert SCRIPT.prompt(None) is None


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ([], "needs its questions"),
        ({"questions": []}, "needs its questions"),
        (plain(question(), question()), "two questions are called 'what'"),
        (plain({"text": {"en": "x"}}), "question 0 needs an `id`"),
        ({"questions": ["what"]}, "question 0 needs an `id`"),
        (plain(question(text={"ar": "ماذا"})), "needs a `text` in the language 'en'"),
        (plain(question(text="What?")), "needs a `text` in the language 'en'"),
        (plain(question(who="nobody")), "'nobody' is not a valid Who"),
        (plain(question(kind="song")), "'song' is not a valid PromptKind"),
    ],
)
def test_a_wrong_script_says_what_is_wrong(given: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        script_from_plain(given)


@pytest.mark.parametrize("text", ["questions: [", "questions: []", "just words"])
def test_a_file_that_is_no_script_stops_the_start_with_its_name(text: str) -> None:
    with pytest.raises(StartupError, match=r"own\.yaml: "):
        read_script(text, "own.yaml")


def test_the_script_is_read_once() -> None:
    assert own_script() is own_script()
