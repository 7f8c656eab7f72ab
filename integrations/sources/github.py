"""GitHub's workflow runs and check runs: a red one fires, the next green one on the same branch resolves.

Shape: octokit/webhooks, payload-examples/api.github.com/workflow_run/completed.payload.json and
check_run/completed.payload.json, and their schemas. The signature: GitHub's documentation, "Validating webhook
deliveries" (`X-Hub-Signature-256`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
from bot.ports.sources import USUAL_ROUTES, AlertSource, Parsed, Route, Unreadable
from integrations.sources.reading import (
    LABEL_LIMIT,
    Misshapen,
    address,
    alone,
    inner,
    line,
    moment,
    named,
    sample,
    text,
    whole,
)
from integrations.sources.signing import BodySignature

# What else a run may conclude (cancelled, skipped, neutral, stale, action_required) says nothing of its health.
_FIRING: Final = {"failure": True, "timed_out": True, "startup_failure": True, "success": False}


class GitHub(BodySignature):
    """Reads the events "Workflow runs" and "Check runs" of a repository's or an organisation's webhook."""

    name: str = "github"
    sample: bytes = sample("github.json")
    routes: Sequence[Route] = USUAL_ROUTES
    header = "x-hub-signature-256"
    prefix = "sha256="

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body. A run that goes on, and the greeting of a new webhook, hold no alert."""
        found = whole(body)
        kind = next((name for name in ("workflow_run", "check_run") if isinstance(found.get(name), dict)), None)
        if kind is None:
            if "zen" in found and "hook_id" in found:
                return Parsed(())
            why = "the body is of neither a workflow run nor a check run; take other events out of the webhook"
            raise Unreadable(why, "neither workflow_run nor check_run")
        conclusion = text(found[kind].get("conclusion"), LABEL_LIMIT)
        if text(found.get("action"), LABEL_LIMIT) != "completed" or conclusion not in _FIRING:
            return Parsed(())
        return alone(found, _read_workflow if kind == "workflow_run" else _read_check)


def _read_workflow(found: Any) -> AlertEvent:
    run = found["workflow_run"]
    name = line(inner(found, "workflow").get("name")) or line(run.get("name"))
    # A branch of a fork may have the name of one of ours.
    fork = inner(run, "head_repository").get("full_name")
    what = named(workflow=run.get("workflow_id") or name, fork=fork)
    return _event(found, run, name, run.get("head_branch"), what)


def _read_check(found: Any) -> AlertEvent:
    run = found["check_run"]
    name = line(run.get("name"))
    what = named(check=name, app=inner(run, "app").get("slug"))
    return _event(found, run, name, inner(run, "check_suite").get("head_branch"), what)


def _event(found: Any, run: dict[str, Any], name: str, branch: object, what: dict[str, str]) -> AlertEvent:
    repository = inner(found, "repository")
    home = line(repository.get("full_name"))
    if not name or not home:
        raise Misshapen("the run has no name, or the repository has none")
    conclusion = text(run.get("conclusion"), LABEL_LIMIT)
    is_firing = _FIRING[conclusion]
    # Branches break while people work on them; only what everybody builds on is worth an incident.
    is_ours = what.get("fork", home) == home
    told = {name: value for name, value in what.items() if name != "fork" or not is_ours}
    severity = "error" if is_ours and branch and branch == repository.get("default_branch") else "info"
    shown = named(repository=home, branch=branch)
    return AlertEvent(
        fingerprint=fingerprint({**what, **shown}),
        is_firing=is_firing,
        labels={**shown, **named(alertname=name, event=run.get("event"), severity=severity), **told},
        title=line(f"{name}: {conclusion} on {shown.get('branch', '?')} of {home}"),
        severity=severity,
        summary=text(inner(run, "output").get("title") or run.get("display_title")),
        url=address(run.get("html_url")),
        starts_at=moment(run.get("started_at") or run.get("run_started_at") or run.get("created_at")),
        ends_at=None if is_firing else moment(run.get("completed_at") or run.get("updated_at")),
    )


SOURCE: AlertSource = GitHub()
