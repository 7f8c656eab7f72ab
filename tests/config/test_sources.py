"""A key opens the source it belongs to, under its name or its kind, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.file import File
from bot.config.reading import read_text
from bot.config.secrets import reveal
from bot.config.settings import Settings
from bot.config.sources import Source, SourceKeys, mappings_of, source_keys
from bot.ports.sources import Keyring

SOURCES = """\
sources:
  - {name: prom, kind: alertmanager, keys: ["env:PROM", "env:OLD_PROM"]}
  - {name: eu-prom, kind: alertmanager, keys: ["env:EU"]}
  - {name: board, kind: grafana}
"""
SIGNED = """\
sources:
  - {name: hub, kind: github, signing: ["env:HUB", "env:OLD_HUB"]}
  - {name: strict, kind: github, signing: ["env:HUB"], keys: ["env:PROM"]}
  - {name: alarms, kind: cloudwatch, topics: ["arn:aws:sns:eu-west-1:123456789012:alarms"]}
  - {name: jobs, kind: generic, keys: ["env:EU"], mapping: {title: rule.name, labels: {region: meta.region}}}
"""
ENV = {"HUB": "hub-secret", "OLD_HUB": "old-hub-secret", "PROM": "prom-key", "OLD_PROM": "old-prom-key", "EU": "eu-key"}
EXPOSED = {"TOCSIN_PUBLIC_URL": "https://tocsin.example.com"}
PROM, EU, BOARD = (
    Source("default", "prom", "alertmanager"),
    Source("default", "eu-prom", "alertmanager"),
    Source("default", "board", "grafana"),
)


def keys_of(text: str = SOURCES, env: dict[str, str] | None = None) -> SourceKeys:
    file = read_text(text, "tocsin.yaml").file if text else File()
    assert file is not None
    given_env = {**ENV, **(env or {})}
    return source_keys(file, reveal(file, given_env), Settings.from_environment(env or {}))


def test_they_are_the_keyring_that_the_webhooks_ask_for() -> None:
    keyring: Keyring = keys_of()
    assert keyring.knows("prom")
    assert not keyring.knows("alertmanager")


@pytest.mark.parametrize(
    ("name", "key", "source"),
    [
        ("prom", "prom-key", PROM),
        ("prom", "old-prom-key", PROM),
        ("alertmanager", "prom-key", PROM),
        ("alertmanager", "eu-key", EU),
        ("prom", "eu-key", None),
        ("prom", "", None),
        ("prom", None, None),
        ("grafana", "prom-key", None),
        ("board", None, None),
        ("unknown", "prom-key", None),
    ],
)
def test_a_key_opens_its_own_source(name: str, key: str | None, source: Source | None) -> None:
    assert keys_of(env=EXPOSED).find(name, key) == source


def test_the_one_key_opens_every_source_named_or_not() -> None:
    keys = keys_of(env={**EXPOSED, "TOCSIN_WEBHOOK_KEY": "one-key"})
    assert keys.find("prom", "one-key") == PROM
    assert keys.find("board", "one-key") == BOARD
    assert keys.find("datadog", "one-key") == Source("default", "datadog", "datadog")
    assert keys.find("datadog", "another") is None
    assert keys.find("datadog", None) is None


def test_on_loopback_only_sources_with_keys_of_their_own_ask_for_one() -> None:
    keys = keys_of()
    assert keys.find("board", None) == BOARD
    assert keys.find("datadog", None) == Source("default", "datadog", "datadog")
    assert keys.find("grafana", "whatever") == Source("default", "grafana", "grafana")
    assert keys.find("prom", None) is None
    assert keys.find("alertmanager", None) is None
    assert keys.find("alertmanager", "eu-key") == EU


def test_on_loopback_the_one_key_is_asked_for_once_it_is_set() -> None:
    keys = keys_of("", {"TOCSIN_WEBHOOK_KEY": "one-key"})
    assert keys.find("grafana", None) is None
    assert keys.find("grafana", "one-key") == Source("default", "grafana", "grafana")


def test_a_source_that_signs_opens_without_a_key_for_its_signature_to_be_checked() -> None:
    hub = keys_of(SIGNED, EXPOSED).find("hub", None)
    assert hub is not None
    assert hub.trusted == ("hub-secret", "old-hub-secret")


def test_a_source_with_topics_opens_without_a_key_too() -> None:
    alarms = keys_of(SIGNED, EXPOSED).find("alarms", None)
    assert alarms is not None
    assert alarms.trusted == ("arn:aws:sns:eu-west-1:123456789012:alarms",)


def test_a_source_with_both_a_key_and_a_signature_is_asked_for_both() -> None:
    keys = keys_of(SIGNED, EXPOSED)
    assert keys.find("strict", None) is None
    strict = keys.find("strict", "prom-key")
    assert strict is not None
    assert strict.trusted == ("hub-secret",)


@pytest.mark.parametrize("env", [EXPOSED, {}])
def test_the_kind_of_a_source_that_signs_is_no_way_around_its_signature(env: dict[str, str]) -> None:
    keys = keys_of(SIGNED, env)
    assert keys.find("github", None) is None
    assert keys.find("cloudwatch", None) is None
    assert keys.find("generic", None) is None


def test_the_one_key_does_not_make_a_signature_needless() -> None:
    hub = keys_of(SIGNED, {**EXPOSED, "TOCSIN_WEBHOOK_KEY": "one-key"}).find("hub", "one-key")
    assert hub is not None
    assert hub.trusted


def test_a_source_with_a_mapping_is_a_kind_of_its_own() -> None:
    jobs = keys_of(SIGNED, EXPOSED).find("jobs", "eu-key")
    assert jobs is not None
    assert jobs.kind == "generic:jobs"
    file = read_text(SIGNED, "tocsin.yaml").file
    assert file is not None
    assert mappings_of(file) == {"generic:jobs": {"title": "rule.name", "labels.region": "meta.region"}}


@pytest.mark.parametrize("text", [SOURCES, SIGNED])
def test_no_plain_key_is_kept(text: str) -> None:
    keys = keys_of(text, {"TOCSIN_WEBHOOK_KEY": "one-key"})
    kept = repr(vars(keys))
    assert all(key not in kept for key in (*ENV.values(), "one-key"))


@given(st.text(), st.text())
def test_whatever_is_presented_is_answered(name: str, key: str) -> None:
    found = keys_of(env=EXPOSED).find(name, key)
    assert found is None or key in ENV.values()


def test_half_a_surrogate_pair_is_just_a_wrong_key() -> None:
    assert keys_of(env=EXPOSED).find("prom", "\udc80") is None


def test_a_source_has_its_networks_and_its_rate() -> None:
    text = """\
sources:
  - {name: prom, kind: alertmanager, networks: [192.0.2.7, "2001:db8::/32"], per_minute: 600, keys: ["env:PROM"]}
"""
    found = keys_of(text).find("prom", "prom-key")
    assert found is not None
    assert [str(network) for network in found.networks] == ["192.0.2.7/32", "2001:db8::/32"]
    assert found.per_minute == 600


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("networks: [0.0.0.0/0]", "0.0.0.0/0 means everyone"),
        ("networks: [192.0.2.7/24]", "names one address and a network's size"),
        ("networks: [here]", "is not an address or a network"),
        ("per_minute: 0", "is not a whole number from 1 to 100000"),
        ("per_minute: 1.5", "is not a whole number from 1 to 100000"),
    ],
)
def test_a_network_or_a_rate_that_is_none_is_a_mistake(given: str, why: str) -> None:
    read = read_text(f"sources:\n  - {{name: prom, kind: alertmanager, {given}}}\n", "tocsin.yaml")
    assert why in " ".join(map(str, read.problems))
