"""What the parts of tocsin.yaml say of one another has to fit."""

from pathlib import Path

import pytest

from tests.config.files import RIGHT, told

BASE = """\
people: [{name: amira, access: admin}, {name: omar}]
policies: [{name: call, steps: [{page: [person:amira]}]}]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tocsin.yaml"


CASES = [
    ("teams: [{name: a, members: [amria]}]\n", "3:29: there is no person 'amria'; did you mean 'amira'?"),
    ("teams: [{name: a, members: [amira], lead: zoe}]\n", "3:43: there is no person 'zoe'; add it to 'people', or"),
    ("services: [{name: a, team: red}]\n", "3:28: there is no team 'red'; add it to 'teams', or name another"),
    ("services: [{name: a, policy: cal}]\n", "3:30: there is no policy 'cal'; did you mean 'call'?"),
    ("services: [{name: a, depends_on: [a]}]\n", "3:35: this service depends on itself; take its own name out"),
    ("services: [{name: a, depends_on: [b]}]\n", "3:35: warning: there is no service 'b'; add it to 'services'"),
    ("routes: [{policy: ring}]\n", "3:19: there is no policy 'ring'; add it to 'policies', or name another"),
    ("routes: [{service: x}]\n", "3:20: there is no service 'x'; add it to 'services', or name another"),
    ("routes: [{service: x}]\nservices: [{name: x}]\n", "3:10: the route that catches all names no policy, so it"),
    ("routes: [{match: a=b, policy: call}]\n", "3:10: alerts that match no route would page nobody; add a last"),
    ("routes: [{policy: call}, {policy: call}]\n", "3:10: this route has no 'match' and catches all; those after"),
    ("routes: [{match: a=b}, {policy: call}]\n", "3:10: this route leads nowhere; give it a 'service', a 'policy'"),
    ("routes: [{match: a==b, policy: call}, {policy: call}]\n", "3:18: at character 2: '==' is not an operator; use"),
    ("routes: [{match: 'a=~\"(\"', policy: call}, {policy: call}]\n", "3:18: at character 4: "),
    ("routes: [{match: '{}', policy: call}, {policy: call}]\n", "3:18: this matches every alert; leave 'match' out of"),
    ("teams: [{name: a, members: [omar]}, {name: A, members: [omar]}]\n", "3:44: 'A' is the name of another team, on"),
    ("sources: [{name: a, kind: grafana}, {name: a, kind: grafana}]\n", "3:44: 'a' is the name of another source, on"),
]


@pytest.mark.parametrize(("extra", "sentence"), CASES, ids=[extra.strip() for extra, _ in CASES])
def test_what_does_not_fit_is_told_where_it_stands(path: Path, extra: str, sentence: str) -> None:
    assert any(line.startswith(sentence) for line in told(path, BASE + extra)), told(path, BASE + extra)


def test_two_people_can_not_share_an_account_or_a_name(path: Path) -> None:
    text = """\
people:
  - {name: amira, access: admin, slack: U01AAA, telegram: 1111, email: a@acme.example}
  - {name: omar, slack: U01AAA, telegram: 1111, email: A@acme.example}
  - {name: Amira}
policies: [{name: call, steps: [{page: [person:amira]}]}]
"""
    assert told(path, text) == [
        "3:25: this Slack account belongs to another person, on line 2; take it away from one of them",
        "3:43: this Telegram account belongs to another person, on line 2; take it away from one of them",
        "3:56: this e-mail address belongs to another person, on line 2; take it away from one of them",
        "4:12: 'Amira' is the name of another person, on line 2; rename one of them",
    ]


def test_two_layers_of_a_schedule_can_not_share_a_name(path: Path) -> None:
    text = RIGHT.replace("name: monthly", "name: weekly")
    assert told(path, text) == [
        "14:16: 'weekly' is the name of another layer of this schedule, on line 13; rename one of them"
    ]


def test_a_route_that_repeats_an_earlier_match_is_never_reached(path: Path) -> None:
    text = f"{BASE}routes:\n  - {{match: a=b, policy: call}}\n  - {{match: a=b, policy: call}}\n  - {{policy: call}}\n"
    assert told(path, text) == [
        "5:13: no alert comes here: the route on line 4 has the same 'match'; take one of the two away"
    ]


def test_services_must_not_depend_on_one_another_in_a_circle(path: Path) -> None:
    [problem] = told(path, BASE + "services: [{name: a, depends_on: [b]}, {name: b, depends_on: [a]}]\n")
    assert problem.startswith(
        "3:34: these services depend on one another in a circle: a -> b -> a; take one of them out"
    )


def test_a_wrong_value_does_not_hide_what_does_not_fit_elsewhere(path: Path) -> None:
    text = BASE.replace("name: omar", "name: omar, timezone: Mars/Olympus") + "teams: [{name: a, members: [zoe]}]\n"
    assert [line.partition(";")[0] for line in told(path, text)] == [
        "1:63: there is no time zone 'Mars/Olympus'",
        "3:29: there is no person 'zoe'",
    ]


def test_a_person_whose_entry_is_wrong_still_has_their_name(path: Path) -> None:
    text = BASE.replace("name: omar", "name: omar, acess: admin") + "teams: [{name: a, members: [omar]}]\n"
    assert told(path, text) == ["1:53: unknown key 'acess'; did you mean 'access'?"]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "organisation: {name: Acme}\n", "people:\n"])
def test_a_file_without_people_can_not_be_used(path: Path, text: str) -> None:
    lines = told(path, text)
    assert any("there is nobody in this file" in line and "warning" not in line for line in lines), lines


def test_a_file_in_which_nobody_is_admin_or_paged_is_warned_of(path: Path) -> None:
    assert told(path, "people: [{name: me}]\n") == [
        "1:1: warning: nobody has the access 'admin'; give it to one person at least",
        "1:1: warning: there is no policy, so alerts page nobody; add 'policies:' with one policy",
    ]
