"""Every alert source keeps the same promises, whatever it is sent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, assert_never

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.alert import AlertEvent
from bot.domain.said import Acknowledged, Changed, Ended, Noted, Reworded, Said
from bot.domain.text import clean
from bot.ports.sources import AlertSource, Parsed, SignedSource, Unreadable, WebhookRequest
from integrations.sources.discovery import discover
from tests.sources.mangling import MOMENTS, Twice, at, nested, odd_values, places, replaced, written

NOW = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
SOURCES = list(discover().values())

every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
BATCHES: Mapping[str, tuple[Any, ...]] = {"alertmanager": ("alerts",), "grafana": ("alerts",), "generic": ()}
"""Where the alerts stand in the bodies that may hold more than one."""

every_batching_source = pytest.mark.parametrize(
    "source", [source for source in SOURCES if source.name in BATCHES], ids=lambda source: source.name
)
every_signed_source = pytest.mark.parametrize(
    "source", [source for source in SOURCES if isinstance(source, SignedSource)], ids=lambda source: source.name
)
SIGNATURE_HEADERS = frozenset(
    {
        "sentry-hook-signature",
        "x-amz-sns-message-type",
        "x-gitlab-token",
        "x-grafana-alerting-signature",
        "x-grafana-alerting-timestamp",
        "x-hub-signature-256",
    }
)


async def no_fetch(url: str, *, hosts: Sequence[str], limit_bytes: int) -> bytes:
    raise PermissionError(url)


def request_of(source: AlertSource) -> WebhookRequest:
    return WebhookRequest("POST", "/webhooks/any", {}, source.sample, NOW)


def attempt(source: AlertSource, body: bytes) -> Parsed | None:
    """Return what the source read, or None when it said in the agreed way that it can't; all else is a failure."""
    try:
        parsed = source.parse(body, NOW)
    except Unreadable as error:
        unreadable = error
    else:
        for event in parsed.events:
            check(event)
        for said in parsed.said:
            check_said(said)
        return parsed
    assert unreadable.why
    assert 0 < len(unreadable.shape) <= 200
    return None


def check(event: AlertEvent) -> None:
    assert type(event) is AlertEvent
    assert all(hasattr(event, field.name) for field in fields(event))
    assert type(event.is_firing) is bool
    assert 0 < len(event.fingerprint) <= 200
    assert 0 < len(event.title) <= 300
    assert "\n" not in event.title
    assert len(event.summary) <= 4_000
    for name, value in event.labels.items():
        assert clean(name) == name
        assert clean(value) == value
        assert len(value) <= 1_000
    for shown in (event.title, event.summary, event.fingerprint, event.severity or ""):
        assert clean(shown) == shown
        shown.encode()
    for url in (event.url, event.runbook):
        assert url is None or url.lower().startswith(("https://", "http://"))
    for moment in (event.starts_at, event.ends_at):
        check_time(moment)


def check_time(at: datetime | None) -> None:
    if at is not None:
        assert at.utcoffset() == NOW.utcoffset()
        # Whoever reads it may be in any zone.
        for hours in (-14, 14):
            at.astimezone(timezone(timedelta(hours=hours)))


def check_said(said: Said) -> None:
    match said:
        case Acknowledged(fingerprint):
            shown: Sequence[str] = (fingerprint,)
        case Noted(fingerprint, text, by):
            shown = (fingerprint, text, by)
        case Reworded(fingerprint, title, summary):
            shown = (fingerprint, title or "", summary or "")
        case Changed(labels, summary, url, changed_at):
            shown = (*labels, *labels.values(), summary)
            assert url is None or url.lower().startswith(("https://", "http://"))
            check_time(changed_at)
        case Ended():
            raise AssertionError("only Tocsin itself says so")
        case _:
            assert_never(said)
    for one in shown:
        assert clean(one) == one
        assert len(one) <= 4_000
        one.encode()


@every_source
def test_its_sample_is_read_whole(source: AlertSource) -> None:
    parsed = attempt(source, source.sample)
    assert parsed is not None
    assert parsed.events
    assert not parsed.broken


@every_source
def test_reading_twice_says_the_same(source: AlertSource) -> None:
    assert source.parse(source.sample, NOW) == source.parse(source.sample, NOW)


@every_signed_source
async def test_without_anything_to_check_against_the_key_is_enough(source: AlertSource) -> None:
    assert isinstance(source, SignedSource)
    assert await source.verify(request_of(source), (), no_fetch)


@every_signed_source
async def test_an_unsigned_request_is_refused_where_a_signature_is_asked_for(source: AlertSource) -> None:
    assert isinstance(source, SignedSource)
    assert not await source.verify(request_of(source), ("one secret", "another"), no_fetch)


@every_signed_source
@given(data=st.data())
async def test_whatever_is_signed_badly_is_refused(source: AlertSource, data: st.DataObject) -> None:
    assert isinstance(source, SignedSource)
    names = st.sampled_from(sorted(SIGNATURE_HEADERS))
    headers = data.draw(st.dictionaries(names, st.text() | st.sampled_from(["sha256=", "=", "0" * 64])))
    body = data.draw(st.binary() | st.just(request_of(source).body))
    request = WebhookRequest("POST", "/webhooks/any", headers, body, NOW)
    assert not await source.verify(request, ("one secret", "another"), no_fetch)


@every_source
@given(body=st.binary())
def test_any_bytes_are_read_or_unreadable(source: AlertSource, body: bytes) -> None:
    attempt(source, body)


@every_source
@given(value=odd_values)
def test_any_json_is_read_or_unreadable(source: AlertSource, value: Any) -> None:
    attempt(source, written(value))


@every_source
@given(data=st.data())
@settings(max_examples=400)
def test_a_sample_with_any_value_changed_is_read_or_unreadable(source: AlertSource, data: st.DataObject) -> None:
    document = json.loads(source.sample)
    path = data.draw(st.sampled_from(places(document)))
    attempt(source, written(replaced(document, path, data.draw(odd_values))))


@every_source
@given(data=st.data())
def test_a_sample_with_any_byte_changed_is_read_or_unreadable(source: AlertSource, data: st.DataObject) -> None:
    body = bytearray(source.sample)
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    attempt(source, bytes(body))


@every_source
@given(cut=st.integers(min_value=0))
def test_a_sample_cut_short_is_read_or_unreadable(source: AlertSource, cut: int) -> None:
    attempt(source, source.sample[: cut % len(source.sample)])


@every_batching_source
@pytest.mark.parametrize("broken", [None, 7, "x", [], {}, {"labels": 7}, {"labels": {}, "annotations": []}])
def test_a_broken_alert_is_told_of_and_the_others_of_its_body_are_kept(source: AlertSource, broken: Any) -> None:
    document = json.loads(source.sample)
    path = BATCHES[source.name]
    alerts = at(document, path)
    parsed = attempt(source, written(replaced(document, path, [broken, *alerts, broken])))
    assert parsed is not None
    kept = [event.fingerprint for event in parsed.events]
    assert [event.fingerprint for event in source.parse(source.sample, NOW).events] == kept[-len(alerts) :]
    assert [one.where for one in parsed.broken] == ["alerts[0]", f"alerts[{len(alerts) + 1}]"]


@every_batching_source
@pytest.mark.parametrize("labels", [{}, None])
def test_an_alert_without_labels_can_be_told_apart_and_shown(source: AlertSource, labels: Any) -> None:
    document = json.loads(source.sample)
    parsed = attempt(source, written(replaced(document, (*BATCHES[source.name], 0, "labels"), labels)))
    assert parsed is not None
    assert len({event.fingerprint for event in parsed.events}) == len(at(document, BATCHES[source.name]))


@every_source
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: str(moment)[:24])
def test_a_time_of_no_days_of_ours_anywhere_is_read_or_unreadable(source: AlertSource, moment: Any) -> None:
    document = json.loads(source.sample)
    for path in places(document):
        attempt(source, written(replaced(document, path, moment)))


@every_source
@given(data=st.data())
def test_what_is_nested_deeply_anywhere_is_read_or_unreadable(source: AlertSource, data: st.DataObject) -> None:
    document = json.loads(source.sample)
    path = data.draw(st.sampled_from(places(document)))
    opening, closing = data.draw(st.sampled_from([("[", "]"), ('{"a":', "}"), ('[{"alerts":', "}]")]))
    attempt(source, nested(document, path, data.draw(st.sampled_from([100, 900, 1_100, 50_000])), opening, closing))


@every_source
@given(data=st.data())
def test_a_name_that_stands_twice_is_read_or_unreadable(source: AlertSource, data: st.DataObject) -> None:
    document = json.loads(source.sample)
    objects = [path for path in places(document) if isinstance(at(document, path), dict) and at(document, path)]
    path = data.draw(st.sampled_from(objects))
    inner = at(document, path)
    name = data.draw(st.sampled_from(sorted(inner)))
    pairs = [*inner.items(), (name, data.draw(odd_values)), (name, data.draw(odd_values | st.just(inner[name])))]
    attempt(source, written(replaced(document, path, Twice(pairs))))


@every_source
@pytest.mark.parametrize("charset", ["utf-16", "utf-16-be", "utf-32", "cp037", "shift_jis"])
def test_letters_of_another_kind_are_read_or_unreadable(source: AlertSource, charset: str) -> None:
    attempt(source, source.sample.decode().encode(charset, "replace"))


@every_source
@pytest.mark.parametrize("charset", ["utf-8-sig", "latin-1", "cp1252"])
def test_an_alert_is_not_lost_for_a_few_wrong_letters(source: AlertSource, charset: str) -> None:
    body = source.sample.decode().replace("gateway", "gâteway")
    parsed = attempt(source, body.encode(charset, "replace"))
    assert parsed is not None
    assert parsed.events


@every_source
@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"alerts":' * 100_000, b"\xff\xfe[]", b'"\\ud800"', b"", b"NaN", b"1e999"]
)
def test_hostile_bodies_are_unreadable(source: AlertSource, body: bytes) -> None:
    with pytest.raises(Unreadable):
        source.parse(body, NOW)


@every_source
def test_the_shape_of_a_body_that_is_no_json_does_not_depend_on_the_body(source: AlertSource) -> None:
    shapes = set()
    for body in (b"alert: down", b"<xml/>", b"{", b""):
        with pytest.raises(Unreadable) as caught:
            source.parse(body, NOW)
        shapes.add(caught.value.shape)
    assert shapes == {"not JSON"}
