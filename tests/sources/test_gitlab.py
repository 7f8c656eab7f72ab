"""GitLab: a failed pipeline fires for its branch or tag, and the next one that passes there resolves it."""

from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.gitlab import SOURCE
from tests.sources.reading import SECRETS, is_let_in, read, sample


def pipeline(**changes: Any) -> Any:
    return sample(SOURCE, {("object_attributes", name): value for name, value in changes.items()})


def test_a_failed_pipeline_says_which_jobs_failed() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.title == "pipeline failed on main of ml/gateway"
    assert event.summary == "load-test"
    assert event.url == "https://gitlab.example/ml/gateway/-/pipelines/5107"
    assert event.starts_at is not None
    assert event.starts_at.isoformat() == "2026-11-22T22:01:10+00:00"


@pytest.mark.parametrize("status", ["running", "pending", "canceled", "skipped", "manual", "created", None, "new word"])
def test_a_pipeline_that_is_neither_red_nor_green_says_nothing(status: str | None) -> None:
    assert read(SOURCE, pipeline(status=status)) == []


def test_branches_tags_and_nightly_runs_are_told_apart() -> None:
    alerts = [
        pipeline(),
        pipeline(ref="next"),
        pipeline(tag=True),
        pipeline(source="schedule"),
        pipeline(source="parent_pipeline"),
        pipeline(source="merge_request_event"),
        sample(SOURCE, {("project", "path_with_namespace"): "ml/other"}),
    ]
    assert len({read(SOURCE, alert)[0].fingerprint for alert in alerts}) == len(alerts)


def test_a_pipeline_that_somebody_started_by_hand_resolves_what_a_push_broke() -> None:
    (red,), (green,) = read(SOURCE, pipeline()), read(SOURCE, pipeline(source="web", status="success"))
    assert red.fingerprint == green.fingerprint


def test_only_the_default_branch_and_tags_are_worth_an_incident() -> None:
    alerts = (
        pipeline(),
        pipeline(ref="v1.2", tag=True),
        pipeline(ref="try-something"),
        pipeline(source="merge_request_event"),
    )
    assert [read(SOURCE, alert)[0].severity for alert in alerts] == ["error", "error", "info", "info"]


def test_without_an_address_of_its_own_the_pipeline_is_found_by_its_project() -> None:
    (event,) = read(SOURCE, pipeline(url=None))
    assert event.url == "https://gitlab.example/ml/gateway/-/pipelines/5107"


def test_other_events_are_told_of() -> None:
    with pytest.raises(Unreadable, match="take other events out of the webhook"):
        read(SOURCE, {"object_kind": "push"})


@pytest.mark.parametrize("secret", SECRETS)
async def test_whoever_shows_one_of_the_secret_tokens_is_let_in(secret: str) -> None:
    assert await is_let_in(SOURCE, {"x-gitlab-token": secret})


@pytest.mark.parametrize(
    "headers", [{}, {"x-gitlab-token": ""}, {"x-gitlab-token": "another"}, {"x-token": SECRETS[0]}]
)
async def test_whoever_shows_another_is_refused(headers: dict[str, str]) -> None:
    assert not await is_let_in(SOURCE, headers)
