"""What is said of a source must fit its kind, and the mistake is told where it stands."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.config.file import MappingSection
from tests.config.files import ENVIRONMENT, RIGHT, told

ENV = {**ENVIRONMENT, "HUB": "the-secret-of-github"}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"


def added(source: str, path: Path) -> list[str]:
    return told(path / "tocsin.yaml", f"{RIGHT}  - {source}\n", ENV)


@pytest.mark.parametrize(
    "source",
    [
        '{name: hub, kind: github, signing: ["env:HUB"]}',
        f'{{name: aws, kind: cloudwatch, topics: ["{TOPIC}"]}}',
        "{name: jobs, kind: generic, mapping: {title: rule.name, labels: {region: \"meta.region || 'none'\"}}}",
        "{name: jobs, kind: generic, mapping: {title: \"join('/', [a, b])\"}}",
    ],
)
def test_what_fits_is_taken(source: str, tmp_path: Path) -> None:
    assert added(source, tmp_path) == []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{name: a, kind: githbu}", "there is no kind of source 'githbu'; did you mean 'github'?"),
        (
            '{name: a, kind: alertmanager, signing: ["env:HUB"]}',
            "'signing' means nothing to the kind 'alertmanager': it signs nothing that could be checked",
        ),
        (f'{{name: a, kind: github, topics: ["{TOPIC}"]}}', "'topics' means nothing to the kind 'github'"),
        ("{name: a, kind: grafana, mapping: {title: x}}", "'mapping' means nothing to the kind 'grafana'"),
        ("{name: a, kind: github, signing: [plain]}", "a signing secret must not stand in this file; put it into"),
        ('{name: a, kind: github, signing: ["env:NOT_SET"]}', "the environment variable NOT_SET is not set"),
        ("{name: a, kind: cloudwatch, topics: [alarms]}", "'alarms' is not the ARN of a topic of SNS"),
        ("{name: a, kind: generic, mapping: {title: 'a.['}}", "this is not an expression of JMESPath"),
        ("{name: a, kind: generic, mapping: {title: 'nope(a)'}}", "this calls a function that JMESPath does not have"),
        ("{name: a, kind: generic, mapping: {title: 'join(a)'}}", "this is not an expression of JMESPath"),
        ("{name: a, kind: generic, mapping: {title: 'a.b', tittle: c}}", "unknown key 'tittle'; did you mean 'title'?"),
    ],
)
def test_what_does_not_is_told_where_it_stands(source: str, problem: str, tmp_path: Path) -> None:
    (line,) = added(source, tmp_path)
    assert line.startswith("27:")
    assert problem in line


# It warns of the older of its two ways to write literals, which works all the same.
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@given(st.text() | st.lists(st.sampled_from([*"ab.[]{}()&|@*?:,'`<>=! 01", "join", "sum", "avg"])).map("".join))
def test_any_expression_is_taken_or_refused_in_words(expression: str) -> None:
    with suppress(ValidationError):
        MappingSection(title=expression)
