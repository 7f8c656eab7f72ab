"""What a person may do and see."""

from itertools import product

import pytest

from bot.domain.access import SYSTEM, Access, Role, Viewer, Visibility, parse_role, require
from bot.domain.refusal import Refusal


@pytest.mark.parametrize(("held", "needed"), list(product(Access, Access)))
def test_a_level_includes_those_before_it(held: Access, needed: Access) -> None:
    if held >= needed:
        require(held, needed, "resolve")
        return
    with pytest.raises(Refusal) as refused:
        require(held, needed, "resolve")
    expected = {"held": held.name.lower(), "needed": needed.name.lower(), "what": "resolve"}
    assert (refused.value.key, refused.value.fields) == ("access.too_low", expected)


@pytest.mark.parametrize(
    ("viewer", "sees"),
    [
        (Viewer("p-omar", Access.VIEWER), True),
        (Viewer("p-lina", Access.MANAGER), False),
        (Viewer("p-lina", Access.ADMIN), True),
        (Viewer(None, Access.MANAGER), False),
        (SYSTEM, True),
    ],
)
def test_a_private_incident_shows_to_participants_and_administrators_only(viewer: Viewer, sees: bool) -> None:
    assert viewer.may_see(Visibility.PRIVATE, ("p-omar",)) is sees


@pytest.mark.parametrize("access", Access)
def test_an_open_incident_shows_to_everyone(access: Access) -> None:
    assert Viewer(None, access).may_see(Visibility.OPEN, ())


@pytest.mark.parametrize(
    ("text", "role"),
    [
        *((role.value, role) for role in Role),
        ("lead", Role.COMMANDER),
        (" IC ", Role.COMMANDER),
        ("Scribe", Role.SCRIBE),
    ],
)
def test_a_role_is_read_by_its_name_or_as_lead(text: str, role: Role) -> None:
    assert parse_role(text) is role


def test_no_role_is_guessed() -> None:
    with pytest.raises(Refusal) as refused:
        parse_role("boss")
    assert (refused.value.key, refused.value.fields) == ("role.unknown", {"given": "boss"})
