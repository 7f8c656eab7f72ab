"""Whatever a file holds, it is answered with problems, and no secret is ever repeated."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config.building import build, person_entries, stored_body
from bot.config.checking import check
from bot.config.exposure import check_exposure
from bot.config.problem import Problem, in_order
from bot.config.reading import read_text
from bot.config.secrets import missing, references, reveal
from bot.config.settings import Settings
from tests.config.files import CHATS, ENVIRONMENT, RIGHT, SHAPE

SECRET = "S3cr3tS3cr3t"
KEYS = [
    *SHAPE.model_fields,
    "name",
    "members",
    "steps",
    "page",
    "layers",
    "every",
    "match",
    "keys",
    "signing",
    "login",
    "after",
]
SIGNS = [*"{}[]:,-#&*!|>'\"%@`?\n\t \\<=~", "---\n", "...\n", "- ", ": ", "\n  ", "<<", "!!python/object", "\x00"]

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.sampled_from(KEYS))
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)
scribbles = st.lists(st.one_of(st.sampled_from(KEYS), st.sampled_from(SIGNS), st.text(max_size=4)), max_size=40)


def everything(text: str) -> list[Problem]:
    """Do all that loading does, and return all that is said."""
    reading = read_text(text, "tocsin.yaml", SHAPE)
    problems = [
        *reading.problems,
        *check(reading.tree, {"grafana": {"signing"}}, CHATS),
        *missing(reading.tree, ENVIRONMENT),
    ]
    if reading.file is not None and not any(not problem.is_warning for problem in problems):
        secrets = reveal(reading.file, ENVIRONMENT)
        problems += check_exposure(Settings.from_environment({"TOCSIN_LISTEN": "0.0.0.0:1"}), reading.file, secrets)
        ids = {entry.name: f"id-{place}" for place, entry in enumerate(person_entries(reading.file))}
        json.dumps(stored_body(build(reading.file, ids)))
    for problem in in_order(problems):
        assert str(problem).encode("utf-8")
        assert problem.what
        assert problem.remedy
    return problems


@given(scribbles.map("".join))
def test_any_scribble_is_answered_with_problems(text: str) -> None:
    everything(text)


@given(st.text())
def test_any_text_is_answered_with_problems(text: str) -> None:
    everything(text)


@given(st.dictionaries(st.sampled_from(KEYS), trees, max_size=6))
def test_any_tree_is_answered_with_problems(tree: dict[str, object]) -> None:
    everything(yaml.safe_dump(tree, allow_unicode=True))


@given(st.integers(0, len(RIGHT) - 1), st.integers(0, 12), st.sampled_from([*SIGNS, ""]))
@settings(max_examples=300)
def test_any_slip_in_a_right_file_is_answered_with_problems(at: int, length: int, sign: str) -> None:
    everything(RIGHT[:at] + sign + RIGHT[at + length :])


@given(st.integers(0, len(RIGHT) - 1), st.sampled_from(SIGNS), st.sampled_from(["", "- ", "{a: ", "[", "'", "x: "]))
@settings(max_examples=300)
def test_no_slip_makes_a_secret_of_the_file_appear_in_a_problem(at: int, sign: str, before: str) -> None:
    text = RIGHT.replace('"env:AMIRA_PASSWORD"', before + SECRET).replace('"env:PROM_KEY"', before + SECRET)
    told = "\n".join(str(problem) for problem in everything(text[:at] + sign + text[at:]))
    assert SECRET not in told


@given(trees)
def test_nothing_under_login_or_keys_is_repeated(value: object) -> None:
    tree = {
        "people": [{"name": "me", "login": [value, SECRET], "access": "admin"}, {"name": "you", "login": SECRET}],
        "sources": [
            {"name": "a", "kind": "grafana", "keys": {SECRET: value}, "signing": [SECRET, value]},
            {"name": "b", "keys": [[SECRET]], "signing": {SECRET: SECRET}},
        ],
    }
    told = "\n".join(str(problem) for problem in everything(yaml.safe_dump(tree)))
    assert SECRET not in told


@pytest.mark.parametrize(
    "text",
    [
        f"people: [{{name: me, login, {SECRET}}}]",
        f"people: [{{name: me, login {SECRET}}}]",
        f"people: [{{name: me, access: 'admin, login: {SECRET}}}]\nroutes: [{{match: 'a=b'}}]",
        f"people: [{{name: me, telegram: !login: {SECRET}}}]",
        f"people: [{{name: me, {SECRET}, {SECRET}}}]",
        f"people:\n  - name: 'me\n    login: {SECRET}\n    slack: U1\nroutes: [{{match: 'a=b'}}]\n",
        f"routes: [{{match: 'a=b}}]\npeople: [{{name: me, login: {SECRET}, access: 'admin'}}]",
    ],
)
def test_a_slip_that_turns_a_secret_into_something_else_does_not_show_it(text: str) -> None:
    assert SECRET not in "\n".join(str(problem) for problem in everything(text))


def test_a_password_in_the_file_is_refused_without_being_repeated() -> None:
    problems = everything(RIGHT.replace('"env:AMIRA_PASSWORD"', SECRET).replace("alertmanager", "grafana"))
    assert [problem.what for problem in problems] == ["a password must not stand in this file"]


def test_a_key_in_the_file_is_neither_told_nor_kept() -> None:
    text = RIGHT.replace('"env:PROM_KEY"', SECRET)
    file = read_text(text, "tocsin.yaml", SHAPE).file
    assert file is not None
    told = "\n".join(str(problem) for problem in everything(text))
    kept = json.dumps(stored_body(build(file, {"amira": "1", "omar": "2"})))
    assert SECRET not in told + kept
    assert SECRET not in repr(reveal(file, ENVIRONMENT))


def test_references_are_looked_up_in_keys_and_logins_only() -> None:
    text = RIGHT.replace("{name: Acme AI,", '{name: "env:AMIRA_PASSWORD",')
    reading = read_text(text, "tocsin.yaml", SHAPE)
    assert reading.file is not None
    assert reading.file.organisation.name == "env:AMIRA_PASSWORD"
    assert set(references(reading.tree).values()) == {"AMIRA_PASSWORD", "PROM_KEY", "OLD_PROM_KEY"}
