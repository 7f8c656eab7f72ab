"""Every kind of mistake in tocsin.yaml is told with its line, its column and a remedy."""

from pathlib import Path

import pytest

from tests.config.files import EXAMPLE, RIGHT, told

PEOPLE = "people: [{name: me, access: admin}]\n"
BASE = f"{PEOPLE}policies: [{{name: call, steps: [{{page: [person:me]}}]}}]\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tocsin.yaml"


def test_a_file_without_mistakes_has_no_problems(path: Path) -> None:
    assert told(path, RIGHT) == []


def test_the_example_has_no_problems(path: Path) -> None:
    assert told(path, EXAMPLE.read_text(encoding="utf-8")) == []


SHAPE = [
    ("reapeat: 2\n", "3:1: unknown key 'reapeat'; the keys here are organisation, people"),
    ("polices: []\n", "3:1: unknown key 'polices'; did you mean 'policies'?"),
    ("chat: {slack: {anounce: x}}\n", "3:16: unknown key 'anounce'; did you mean 'announce'?"),
    ("organisation: {timezone: Asia/Dubay}\n", "3:26: there is no time zone 'Asia/Dubay'; did you mean 'Asia/Dubai'?"),
    ("organisation: {timezone: ../../etc/passwd}\n", "3:26: there is no time zone '../../etc/passwd'; write an IANA"),
    ("organisation: Acme\n", "3:15: a section belongs here; write its keys, one a line and indented: name, timezone"),
    ("teams: ml\n", "3:8: a list belongs here; write [one, two], or a line that begins with '- ' for each"),
    ("teams: [{name: ml, members: []}]\n", "3:29: this list is empty; put one entry into it at least"),
    ("teams: [{members: [me]}]\n", "3:9: 'name' is missing; write 'name: ...' here"),
    ("teams: [{name: '', members: [me]}]\n", "3:16: a value is missing here; write for example ml-oncall"),
    ("teams: [{name: [a], members: [me]}]\n", "3:16: a list or a section stands where one value belongs; write for"),
    (
        "teams: [{name: two words, members: [me]}]\n",
        "3:16: 'two words' is not a name of letters, digits, '.', '_', '+'",
    ),
    ("services: [{name: a, runbook: www.example.com}]\n", "3:31: this is not a URL; write for example https://"),
    ("services: [{name: a, runbook: 'https://u:p@x.example'}]\n", "3:31: this URL holds a password, and everyone can"),
    (
        "incidents: {open_from: SEV9}\n",
        "3:24: 'SEV9' is none of the choices; write one of SEV1, SEV2, SEV3, SEV4, SEV5",
    ),
    ("incidents: {resolve: maybe}\n", "3:22: 'maybe' is none of the choices; write one of propose, auto"),
    ("incidents: {group_window: 5 bananas}\n", "3:27: '5 bananas' is not a duration; write for example 90s, 5m"),
    ("incidents: {group_window: 9000d}\n", "3:27: '9000d' is over five years; write for example 90s, 5m"),
    ("incidents: {group_window: 3d}\n", "3:27: 'group_window' is too short or too long; write 0s to 1d"),
    ("incidents: {alert_expiry: 0s}\n", "3:27: 'alert_expiry' is too short or too long; write 1m to 30d"),
    ("incidents: {update_every: {SEV7: 5m}}\n", "3:28: 'SEV7' is none of the choices; write one of SEV1"),
    ("incidents: {group_by: [alert name]}\n", "3:24: 'alert name' is not the name of a label; write for example"),
    (
        "services: [{name: a, depends_on: [b]}, {name: b, depends_on: [c]}, {name: c, depends_on: [a]}]\n",
        "3:34: these services depend on one another in a circle: a -> b -> c -> a; take one of them out",
    ),
    ("rules: [{name: a, match: '{', severity: SEV1}]\n", "3:26: at character 1: the brace is never closed"),
    (
        "rules: [{name: a, service: gatway, severity: SEV1}]\n",
        "3:28: there is no service 'gatway'; add it to 'services'",
    ),
    ("rules: [{name: a, policy: cal}]\n", "3:27: there is no policy 'cal'; did you mean 'call'?"),
    ("rules: [{name: a, team: ml}]\n", "3:25: there is no team 'ml'; add it to 'teams', or name another"),
    (
        "rules: [{name: a, severity: SEV2}, {name: b, match: 'x=1', severity: SEV1}]\n",
        "3:9: this rule has neither 'match'",
    ),
    (
        "rules: [{name: a, match: 'x=1'}]\n",
        "3:9: this rule changes nothing; say what it does otherwise, or take it away",
    ),
    (
        "rules: [{name: a, severity: SEV2}, {name: A, severity: SEV1}]\n",
        "3:43: 'A' is the name of another rule, on line 3",
    ),
    ("rules: [{name: a, runbook: 'javascript:alert(1)'}]\n", "3:28: this is not a URL; write for example https://"),
    ("rules: [{name: a, repeat: {at_most: 0, within: 1h}}]\n", "3:37: '0' is not a whole number from 1 to 50; write"),
    ("rules: [{name: a, repeat: {at_most: 2}}]\n", "3:27: 'within' is missing; write 'within: ...' here"),
    ("business_hours: {days: [mo]}\n", "3:25: 'mo' is no day; write one of mon, tue"),
    ("business_hours: {begin: 9}\n", "3:25: '9' is not a time of day; write for example 09:00"),
    (
        "business_hours: {begin: 18:00, end: 9:00}\n",
        "3:1: work ends at 09:00, before it begins at 18:00; write an 'end'",
    ),
    ("outside_hours: {SEV4: hold}\n", "3:1: nothing says when work is, so this changes nothing; add 'business_hours:'"),
    ("business_hours: {}\noutside_hours: {SEV2: hold}\n", "4:17: SEV2 is never lowered; write SEV3, SEV4 or SEV5"),
    ("business_hours: {}\noutside_hours: {SEV4: SEV3}\n", "4:23: 'SEV3' is not milder than SEV4; write a milder"),
    ("rules: [{name: a, sevrity: SEV2}]\n", "3:19: unknown key 'sevrity'; did you mean 'severity'?"),
    ("severities: {critical: }\n", "3:23: a value is missing here; write for example SEV2"),
    ("severities: {error: SEV2, ERROR: SEV3}\n", "3:27: 'ERROR' and 'error' are the same word in another case; keep"),
    (
        "chat: {telegram: {forum: 1234}}\n",
        "3:26: this is not the ID of a group; write the group's number, which begins",
    ),
    ("chat: {slack: {announce: All Hands}}\n", "3:26: 'All Hands' can't be the name of a channel; write its name in"),
    ("sources: [{name: prom, kind: alertmanagr}]\n", "3:30: there is no kind of source 'alertmanagr'; did you mean"),
    ("sources: [{name: my prom, kind: grafana}]\n", "3:18: 'my prom' is not a name that fits into an address"),
    (
        "sources: [{name: p, kind: grafana, keys: ['env:NO_SUCH']}]\n",
        "3:43: the environment variable NO_SUCH is not set",
    ),
    ("sources: [{name: p, kind: grafana, keys: ['env:no-such']}]\n", "3:43: this names no environment variable; write"),
    (
        "sources: [{name: p, kind: grafana, keys: ['two words']}]\n",
        "3:43: this key holds a space or a letter that HTTP",
    ),
    ("sources: [{name: p, kind: grafana, keys: [plain]}]\n", "3:43: warning: a key stands in the file, for everyone"),
]


@pytest.mark.parametrize(("extra", "sentence"), SHAPE, ids=[extra.strip() for extra, _ in SHAPE])
def test_a_mistake_is_told_where_it_stands(path: Path, extra: str, sentence: str) -> None:
    assert any(line.startswith(sentence) for line in told(path, BASE + extra)), told(path, BASE + extra)


PERSON = [
    ("acess: admin", "1:21: unknown key 'acess'; did you mean 'access'?"),
    ("access: root", "1:29: 'root' is none of the choices; write one of viewer, responder, manager, admin"),
    ("email: amira", "1:28: 'amira' is not an e-mail address; write for example amira@acme.example"),
    ("slack: '@amira'", "1:28: this is not a member ID of Slack; copy the member ID from the person's profile"),
    ("telegram: '@amira'", "1:31: '@amira' is not a user ID of Telegram; write the number that the bot answers"),
    ("telegram: -5", "1:31: '-5' is not a user ID of Telegram; write the number that the bot answers"),
    ("language: English, please", "1:31: 'English' is not a language; write for example en"),
    ("login: opensesame", "1:28: a password must not stand in this file; put it into an environment variable"),
    ("login: 'env:NO_SUCH'", "1:28: the environment variable NO_SUCH is not set; set it where Tocsin is started"),
]


@pytest.mark.parametrize(("key", "sentence"), PERSON, ids=[key for key, _ in PERSON])
def test_a_mistake_about_a_person_is_told(path: Path, key: str, sentence: str) -> None:
    assert any(line.startswith(sentence) for line in told(path, f"people: [{{name: me, {key}}}]\n"))


LAYER = [
    ("every: 0s, handoff: 2026-01-05T09:00", "4:53: a turn of '0s' is too short or too long; write 1 minute to"),
    ("every: 13 months, handoff: 2026-01-05", "4:53: a turn of '13 months' is too short or too long; write 1 to 12"),
    ("every: 7d, handoff: monday", "4:66: 'monday' is not a date and a time; write for example 2026-01-05T09:00"),
    ("every: 7d, handoff: 2026-01-05T09:00Z", "4:66: a handoff has no offset; write the time that the clock on"),
    ("every: 7d, handoff: 1066-01-05", "4:66: the year 1066 is out of reach; write a year from 1970 to 2200"),
    ("every: 7d", "4:10: 'handoff' is missing; write 'handoff: ...' here"),
]


@pytest.mark.parametrize(("keys", "sentence"), LAYER, ids=[keys for keys, _ in LAYER])
def test_a_mistake_in_a_layer_is_told(path: Path, keys: str, sentence: str) -> None:
    text = f"{BASE}schedules: [{{name: s, layers: [\n         {{name: weekly, people: [me],        {keys}}}]}}]\n"
    assert any(line.startswith(sentence) for line in told(path, text)), told(path, text)


STEP = [
    ("{page: []}", "2:40: this list is empty; put one entry into it at least"),
    ("{after: 2d, page: [person:me]}", "2:41: 'after' is too short or too long; write 0s to 1d"),
    ("{page: [me]}", "2:41: 'me' is not someone to page; write for example schedule:ml-primary, person:omar or team"),
    ("{page: [person:you]}", "2:41: there is no person 'you'; add it to 'people', or name another"),
    ("{page: [schedule:day]}", "2:41: there is no schedule 'day'; add it to 'schedules', or name another"),
    ("{page: [team:blue]}", "2:41: there is no team 'blue'; add it to 'teams', or name another"),
]


@pytest.mark.parametrize(("step", "sentence"), STEP, ids=[step for step, _ in STEP])
def test_a_mistake_in_a_step_is_told(path: Path, step: str, sentence: str) -> None:
    text = f"{PEOPLE}policies: [{{name: call, steps: [{step}]}}]\n"
    assert any(line.startswith(sentence) for line in told(path, text)), told(path, text)


def test_repeats_and_steps_have_bounds(path: Path) -> None:
    assert told(path, f"{PEOPLE}policies:\n  - {{name: call, repeat: 99, steps: []}}\n") == [
        "3:26: '99' is not a whole number from 0 to 20; write for example 2",
        "3:37: this list is empty; put one entry into it at least",
    ]
