"""The heartbeats of a file: whom they are about, what opens them, and what can't be right."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.config.building import build, stored_body
from bot.config.checking import check
from bot.config.heartbeats import heartbeat_keys
from bot.config.reading import read_text
from bot.config.secrets import missing, reveal
from bot.config.tree import is_private
from bot.domain.heartbeat import Heartbeat
from bot.domain.severity import Severity

TEXT = """\
services: [{name: feature-store}]
heartbeats:
  - {name: backup, every: 1d, grace: 1h, service: feature-store, severity: SEV3, key: "env:BEAT"}
  - {name: watchdog, every: 5m, key: "env:OTHER"}
"""
ENV = {"BEAT": "the-key-of-the-backup", "OTHER": "the-key-of-the-watchdog"}


def complaints(text: str, env: Mapping[str, str] = ENV) -> str:
    reading = read_text(text, "tocsin.yaml")
    return " ".join(map(str, (*reading.problems, *check(reading.tree), *missing(reading.tree, env))))


def test_they_belong_to_the_organisation_and_to_what_is_kept_of_it() -> None:
    file = read_text(TEXT, "tocsin.yaml").file
    assert file is not None
    org = build(file, {})
    assert org.heartbeat("backup") == Heartbeat(
        "backup", timedelta(days=1), timedelta(hours=1), "feature-store", Severity.SEV3
    )
    assert org.heartbeat("watchdog") == Heartbeat(
        "watchdog", timedelta(minutes=5), timedelta(minutes=1), None, Severity.SEV2
    )
    assert org.heartbeat("nobody") is None
    kept = stored_body(org)["heartbeats"]
    assert [each["name"] for each in kept] == ["backup", "watchdog"]
    assert "key" not in kept[0]


def test_each_opens_by_its_own_key_only() -> None:
    file = read_text(TEXT, "tocsin.yaml").file
    assert file is not None
    keys = heartbeat_keys(reveal(file, ENV))
    assert keys.opens("backup", ENV["BEAT"])
    assert not keys.opens("backup", ENV["OTHER"])
    assert not keys.opens("nobody", ENV["BEAT"])
    assert not keys.opens("nobody", "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TEXT.replace("service: feature-store", "service: feature-stor"), "did you mean 'feature-store'?"),
        (TEXT.replace("watchdog", "backup"), "is the name of another heartbeat"),
        (TEXT.replace("every: 5m, ", ""), "every"),
        (TEXT.replace("every: 5m", "every: 5s"), "'every' is too short or too long"),
        (TEXT.replace("env:OTHER", "plain-key"), "a key stands in the file"),
        (TEXT.replace("env:OTHER", "env:UNSET"), "UNSET is not set"),
    ],
)
def test_what_can_not_be_right_is_said(text: str, why: str) -> None:
    assert why in complaints(text)


def test_what_is_right_is_not_complained_of() -> None:
    assert "heartbeat" not in complaints(TEXT)


def test_a_key_that_an_address_can_not_carry_is_a_mistake() -> None:
    assert "can't carry as it stands" in complaints(TEXT, {**ENV, "OTHER": "a/b"})


def test_no_message_may_show_a_key() -> None:
    assert is_private(("heartbeats", 0, "key"))
    assert not is_private(("heartbeats", 0, "name"))
