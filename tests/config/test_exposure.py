"""Who can reach Tocsin decides what it needs before it starts."""

from pathlib import Path

import pytest

from bot.config.exposure import check_exposure
from bot.config.file import File
from bot.config.loading import load_file
from bot.config.reading import read_text
from bot.config.settings import Settings
from tests.config.files import CHATS, ENVIRONMENT, RIGHT, SHAPE

LONG = "a-key-of-more-than-32-characters-in-all"
PUBLIC = {"TOCSIN_PUBLIC_URL": "https://tocsin.example.com"}
GUARDED = {**PUBLIC, "TOCSIN_API_TOKEN": LONG, "TOCSIN_SECRET_KEY": LONG, "TOCSIN_WEBHOOK_KEY": LONG}


def file_of(text: str) -> File:
    file = read_text(text, "tocsin.yaml", SHAPE).file
    assert file is not None
    return file


def missing(env: dict[str, str], text: str) -> set[str]:
    return {problem.source for problem in check_exposure(Settings.from_environment(env), file_of(text))}


def test_on_loopback_nothing_is_needed() -> None:
    assert missing({}, "organisation: {name: Acme}") == set()


@pytest.mark.parametrize("env", [PUBLIC, {"TOCSIN_LISTEN": "10.0.0.1:80", "TOCSIN_PUBLIC_URL": "https://a.example"}])
def test_anywhere_else_a_login_keys_and_tokens_are_needed(env: dict[str, str]) -> None:
    needed = {"people", "TOCSIN_API_TOKEN", "TOCSIN_SECRET_KEY", "TOCSIN_WEBHOOK_KEY"}
    assert missing(env, "organisation: {name: Acme}") == needed


def test_with_all_of_them_it_may_start() -> None:
    assert missing(GUARDED, RIGHT) == set()


def test_keys_of_every_source_stand_for_the_one_key() -> None:
    env = {name: value for name, value in GUARDED.items() if name != "TOCSIN_WEBHOOK_KEY"}
    assert missing(env, RIGHT) == set()
    assert missing(env, RIGHT + "  - {name: open, kind: grafana}\n") == {"sources"}


def test_a_signature_or_a_topic_stands_for_a_key() -> None:
    env = {name: value for name, value in GUARDED.items() if name != "TOCSIN_WEBHOOK_KEY"}
    signed = '  - {name: hub, kind: github, signing: ["env:HUB"]}\n'
    topics = '  - {name: aws, kind: cloudwatch, topics: ["arn:aws:sns:eu-west-1:123456789012:alarms"]}\n'
    assert missing(env, RIGHT + signed + topics) == set()


def test_a_short_signing_secret_is_refused_where_others_can_try_it(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.yaml"
    path.write_text(RIGHT + '  - {name: hub, kind: github, signing: ["env:HUB"]}\n')
    env = {**ENVIRONMENT, **GUARDED, "HUB": "short", "TOCSIN_CONFIG": str(path)}
    (problem,) = load_file(Settings.from_environment(env, CHATS), env).problems
    assert str(problem).startswith("sources: a signing secret of the source 'hub' is shorter than 16 characters")


def test_short_keys_and_passwords_are_refused_where_others_can_try_them(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.yaml"
    path.write_text(RIGHT)
    short = {"PROM_KEY": "a", "OLD_PROM_KEY": "b", "AMIRA_PASSWORD": "c", "TOCSIN_API_TOKEN": "d"}
    env = {**GUARDED, **short, "TOCSIN_WEBHOOK_KEY": "e", "TOCSIN_CONFIG": str(path)}
    lines = [str(problem) for problem in load_file(Settings.from_environment(env, CHATS), env).problems]
    assert [line.partition(";")[0] for line in lines] == [
        "TOCSIN_WEBHOOK_KEY: it is shorter than 16 characters",
        "TOCSIN_API_TOKEN: it is shorter than 16 characters",
        "sources: a key of the source 'prom' is shorter than 16 characters",
        "people: the password of 'amira' is shorter than 8 characters",
    ]


def test_on_loopback_short_ones_will_do(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.yaml"
    path.write_text(RIGHT)
    env = dict.fromkeys(ENVIRONMENT, "a") | {"TOCSIN_CONFIG": str(path), "TOCSIN_API_TOKEN": "b"}
    assert load_file(Settings.from_environment(env, CHATS), env).problems == ()


def test_links_that_nobody_else_can_open_are_warned_of_where_there_is_a_chat_to_put_them_into() -> None:
    chat = {"TOCSIN_SLACK_BOT_TOKEN": "xoxb-1", "TOCSIN_SLACK_APP_TOKEN": "xapp-1"}
    (problem,) = check_exposure(Settings.from_environment(chat, CHATS), file_of(RIGHT))

    assert problem.is_warning
    assert str(problem).startswith(
        "TOCSIN_PUBLIC_URL: warning: it is http://127.0.0.1:8080, which nobody else can open, so chats get no link to"
    )
    assert check_exposure(Settings.from_environment({**GUARDED, **chat}, CHATS), file_of(RIGHT)) == []
    assert check_exposure(Settings.from_environment({}, CHATS), file_of(RIGHT)) == []


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"TOCSIN_PUBLIC_URL": "http://tocsin.example.com"}, "warning: it starts with http://, so passwords and keys"),
        ({"TOCSIN_PUBLIC_URL": "", "TOCSIN_LISTEN": "0.0.0.0:80"}, "warning: it is not set, so links would lead to"),
    ],
)
def test_links_that_lead_nowhere_or_in_the_open_are_warned_of(env: dict[str, str], sentence: str) -> None:
    (problem,) = check_exposure(Settings.from_environment({**GUARDED, **env}), file_of(RIGHT))
    assert problem.is_warning
    assert str(problem).startswith(f"TOCSIN_PUBLIC_URL: {sentence}")
