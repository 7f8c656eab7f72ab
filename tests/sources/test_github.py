"""GitHub: a red run fires for its branch, the next green one resolves it, and only GitHub may say so."""

from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.github import SOURCE
from tests.sources.reading import SECRETS, hmac_of, is_let_in, read, sample

CHECK: dict[str, Any] = {
    "action": "completed",
    "check_run": {
        "id": 5,
        "name": "load test",
        "status": "completed",
        "conclusion": "timed_out",
        "html_url": "https://github.com/acme/gateway/runs/5",
        "started_at": "2026-11-22T22:01:10Z",
        "completed_at": "2026-11-22T22:31:10Z",
        "output": {"title": "It took too long", "summary": "..."},
        "check_suite": {"id": 6, "head_branch": "main"},
        "app": {"slug": "acme-ci"},
    },
    "repository": {"full_name": "acme/gateway", "default_branch": "main"},
}


def run(**changes: Any) -> Any:
    return sample(SOURCE, {("workflow_run", name): value for name, value in changes.items()})


def test_a_red_run_says_what_failed_where() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.title == "release: failure on main of acme/gateway"
    assert event.summary == "Raise the queue's limit"
    assert event.url == "https://github.com/acme/gateway/actions/runs/99001"
    assert (event.labels["repository"], event.labels["branch"], event.labels["event"]) == (
        "acme/gateway",
        "main",
        "push",
    )


def test_a_check_run_fires_and_resolves_too() -> None:
    (red,) = read(SOURCE, CHECK)
    (green,) = read(SOURCE, {**CHECK, "check_run": {**CHECK["check_run"], "id": 7, "conclusion": "success"}})
    assert (red.is_firing, green.is_firing) == (True, False)
    assert red.fingerprint == green.fingerprint
    assert red.summary == "It took too long"


@pytest.mark.parametrize("conclusion", ["failure", "timed_out", "startup_failure"])
def test_what_failed_fires(conclusion: str) -> None:
    (event,) = read(SOURCE, run(conclusion=conclusion))
    assert event.is_firing


@pytest.mark.parametrize(
    "conclusion", ["cancelled", "skipped", "neutral", "stale", "action_required", None, "new word"]
)
def test_what_says_nothing_of_health_neither_fires_nor_resolves(conclusion: str | None) -> None:
    assert read(SOURCE, run(conclusion=conclusion)) == []


@pytest.mark.parametrize("action", ["requested", "in_progress", "created", "rerequested", None])
def test_a_run_that_goes_on_says_nothing(action: str | None) -> None:
    assert read(SOURCE, sample(SOURCE, {("action",): action})) == []


def test_branches_workflows_and_forks_are_told_apart() -> None:
    alerts = [
        run(),
        run(head_branch="next"),
        run(workflow_id=812),
        run(head_repository={"full_name": "someone/gateway"}),
        CHECK,
    ]
    assert len({read(SOURCE, alert)[0].fingerprint for alert in alerts}) == len(alerts)


def test_a_fork_is_named_only_where_there_is_one() -> None:
    (ours,) = read(SOURCE, run(head_repository={"full_name": "acme/gateway"}))
    (theirs,) = read(SOURCE, run(head_repository={"full_name": "someone/gateway"}))
    assert ours.labels["repository"] == "acme/gateway"
    assert ("fork" in ours.labels, theirs.labels["fork"]) == (False, "someone/gateway")


def test_only_the_default_branch_is_worth_an_incident() -> None:
    (main,) = read(SOURCE, run())
    (other,) = read(SOURCE, run(head_branch="try-something"))
    assert (main.severity, other.severity) == ("error", "info")


def test_a_stranger_whose_fork_has_the_same_branch_opens_nothing() -> None:
    (event,) = read(SOURCE, run(head_repository={"full_name": "someone/gateway"}, event="pull_request"))
    assert event.severity == "info"


def test_the_greeting_of_a_new_webhook_is_no_mistake() -> None:
    assert read(SOURCE, {"zen": "Keep it logically awesome.", "hook_id": 30, "hook": {}}) == []


def test_other_events_are_told_of() -> None:
    with pytest.raises(Unreadable, match="take other events out of the webhook"):
        read(SOURCE, {"action": "opened", "issue": {}})


@pytest.mark.parametrize("secret", SECRETS)
async def test_what_github_signed_with_any_of_the_secrets_is_let_in(secret: str) -> None:
    assert await is_let_in(SOURCE, {"x-hub-signature-256": f"sha256={hmac_of(secret, SOURCE.sample)}"})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": hmac_of(SECRETS[0], SOURCE.sample)},
        {"x-hub-signature-256": f"sha256={hmac_of('another secret', SOURCE.sample)}"},
        {"x-hub-signature-256": f"sha256={hmac_of(SECRETS[0], SOURCE.sample + b' ')}"},
        {"x-hub-signature": f"sha256={hmac_of(SECRETS[0], SOURCE.sample)}"},
    ],
)
async def test_what_anybody_else_sent_is_refused(headers: dict[str, str]) -> None:
    assert not await is_let_in(SOURCE, headers)
