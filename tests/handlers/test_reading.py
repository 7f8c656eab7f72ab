"""People, services, those to be called, and times that have passed, as people write them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.organisation import Target, TargetKind
from bot.domain.phrases import Misread
from bot.domain.refusal import Refusal
from handlers.reading import WrongOption, option, past, person_called, service_called, target_called, targets_called
from tests.builders import DAY, HOUR, MINUTE, NOW, a_person, an_organisation, to_person, to_schedule, to_team

LINA = a_person("lina", email="Lina@acme.example")
ORG = an_organisation(people=(a_person("amira"), a_person("omar"), LINA))


@pytest.mark.parametrize(
    "word", ["lina", "@lina", "Lina", "@LINA,", "person:lina", "lina@acme.example", "me", "myself", "@me"]
)
def test_a_person_is_called_in_many_ways(word: str) -> None:
    assert person_called(word, ORG, LINA) is LINA


@pytest.mark.parametrize(
    ("word", "like"), [("lena", "lina"), ("@omr", "omar"), ("xyzzy", None), ("", None), ("@", None)]
)
def test_nobody_called_so_is_refused_with_the_nearest_name(word: str, like: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        person_called(word, ORG, LINA)

    assert (refused.value.key, refused.value.fields) == ("person.unknown", {"given": word, "like": like})


def test_a_service_is_called_in_any_case() -> None:
    assert service_called("Inference-Gateway", ORG).name == "inference-gateway"
    with pytest.raises(Refusal) as refused:
        service_called("inference-gatewya", ORG)
    assert refused.value.fields["like"] == "inference-gateway"


@pytest.mark.parametrize(
    ("word", "target"),
    [
        ("@omar", to_person("p-omar")),
        ("person:Omar", to_person("p-omar")),
        ("person:@omar", to_person("p-omar")),
        ("me", to_person("p-lina")),
        ("schedule:ML-primary", to_schedule("ml-primary")),
        ("ml-primary", to_schedule("ml-primary")),
        ("team:ml-platform", to_team("ml-platform")),
        ("@ml-platform", to_team("ml-platform")),
        ("team:omar", None),
        ("schedule:", None),
        ("nobody", None),
    ],
)
def test_whom_a_word_calls(word: str, target: Target | None) -> None:
    assert target_called(word, ORG, LINA) == target


@pytest.mark.parametrize(
    ("line", "count", "kinds"),
    [
        ("omar help us", 1, [TargetKind.PERSON]),
        ("@omar @amira help us", 2, [TargetKind.PERSON, TargetKind.PERSON]),
        ("omar,amira help us", 1, [TargetKind.PERSON, TargetKind.PERSON]),
        ("@omar, @amira help", 2, [TargetKind.PERSON, TargetKind.PERSON]),
        ("ml-primary omar is asleep", 1, [TargetKind.SCHEDULE]),
        ("@omar team:ml-platform", 2, [TargetKind.PERSON, TargetKind.TEAM]),
    ],
)
def test_a_call_names_people_first_and_then_the_reason(line: str, count: int, kinds: list[TargetKind]) -> None:
    targets, taken = targets_called(line.split(), ORG, LINA)

    assert [target.kind for target in targets] == kinds
    assert taken == count


@pytest.mark.parametrize(
    ("line", "given"), [("omr help", "omr"), ("@omar @nobody x", "@nobody"), ("team:x y", "team:x")]
)
def test_a_call_to_nobody_is_refused(line: str, given: str) -> None:
    with pytest.raises(Refusal) as refused:
        targets_called(line.split(), ORG, LINA)

    assert (refused.value.key, refused.value.fields["given"]) == ("target.unknown", given)


def dubai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC) - 4 * HOUR


@pytest.mark.parametrize(
    ("text", "at"),
    [
        # It is 03:00 on Wednesday, 7 January in Dubai.
        ("02:50", dubai(7, 2, 50)),
        ("at 02:50", dubai(7, 2, 50)),
        ("14:05", dubai(6, 14, 5)),
        ("2pm", dubai(6, 14)),
        ("today 01:00", dubai(7, 1)),
        ("Yesterday 23:10", dubai(6, 23, 10)),
        ("yesterday at 01:00", dubai(6, 1)),
        ("20m", NOW - 20 * MINUTE),
        ("20m ago", NOW - 20 * MINUTE),
        ("1 hour and 5 min ago", NOW - HOUR - 5 * MINUTE),
        ("2026-01-05 14:05", dubai(5, 14, 5)),
        ("2026-01-05T14:05", dubai(5, 14, 5)),
        ("2025-12-31", datetime(2025, 12, 31, 5, tzinfo=UTC)),
    ],
)
def test_a_time_that_has_passed_is_understood(text: str, at: datetime) -> None:
    assert past(text, NOW, "Asia/Dubai") == at


@pytest.mark.parametrize("text", ["", "soon", "25:00", "ago", "99:99 ago", "2026-13-45", "14"])
def test_what_is_no_time_is_misread(text: str) -> None:
    with pytest.raises(Misread):
        past(text, NOW, "Asia/Dubai")


@pytest.mark.parametrize("text", ["in 2h", "tomorrow 09:00"])
def test_a_time_ahead_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        past(text, NOW, "Asia/Dubai")

    assert refused.value.key == "note.future"


def test_a_day_without_a_clock_change_is_24_hours_long() -> None:
    assert past("yesterday 03:00", NOW, "Asia/Dubai") == NOW - DAY
    assert NOW - past("1d", NOW, "Asia/Dubai") == timedelta(days=1)


def test_what_is_wrong_with_an_option_is_its_own_fault() -> None:
    with pytest.raises(WrongOption) as wrong, option("next"):
        raise Refusal("level.unknown", given="x")

    assert wrong.value.option == "next"
    assert isinstance(wrong.value.cause, Refusal)
