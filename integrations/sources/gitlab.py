"""GitLab's pipelines: a failed one fires, the next one that passes on the same branch or tag resolves.

Shape and `X-Gitlab-Token`: GitLab's documentation, "Webhook events", section "Pipeline events", and "Webhooks"
(docs.gitlab.com/user/project/integrations/webhook_events.html; an early form in gitlabhq/gitlabhq,
doc/web_hooks/web_hooks.md).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
from bot.ports.sources import USUAL_ROUTES, AlertSource, GuardedFetch, Parsed, Route, Unreadable, WebhookRequest
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
from integrations.sources.signing import is_one_of

# Whatever else a pipeline is (running, canceled, skipped, manual ...) says nothing of its health.
_FIRING: Final = {"failed": True, "success": False}
_MERGE_REQUEST: Final = "merge_request_event"
_APART: Final = frozenset({"schedule", "parent_pipeline", _MERGE_REQUEST})


class GitLab:
    """Reads the pipeline events of a project's or a group's webhook. It signs nothing, but shows a secret token."""

    name: str = "gitlab"
    sample: bytes = sample("gitlab.json")
    routes: Sequence[Route] = USUAL_ROUTES
    trusts: str = "signing"

    async def verify(self, request: WebhookRequest, trusted: Sequence[str], fetch: GuardedFetch) -> bool:  # noqa: ARG002
        """Say whether the secret token is one of those that are trusted."""
        return not trusted or is_one_of(request.headers.get("x-gitlab-token"), trusted)

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body. A pipeline that goes on holds no alert."""
        found = whole(body)
        if found.get("object_kind") != "pipeline":
            why = "the body is not of a pipeline; take other events out of the webhook"
            raise Unreadable(why, "object_kind is not pipeline")
        if text(inner(found, "object_attributes").get("status"), LABEL_LIMIT) not in _FIRING:
            return Parsed(())
        return alone(found, _read)


def _read(found: Any) -> AlertEvent:
    pipeline, project = inner(found, "object_attributes"), inner(found, "project")
    home = line(project.get("path_with_namespace"))
    ref = line(pipeline.get("ref"))
    if not home or not ref:
        raise Misshapen("the pipeline has no ref, or the project no path")
    is_firing = _FIRING[text(pipeline.get("status"), LABEL_LIMIT)]
    is_tag = pipeline.get("tag") is True
    source = text(pipeline.get("source"), LABEL_LIMIT)
    # A push that passes does not mend the nightly run, nor a child its parent, nor a stranger's branch ours.
    apart = source if source in _APART else ""
    # Branches break while people work on them; only what everybody builds on is worth an incident.
    is_everybodys = is_tag or ref == project.get("default_branch")
    severity = "error" if is_everybodys and source != _MERGE_REQUEST else "info"
    return AlertEvent(
        fingerprint=fingerprint({"project": home, "ref": ref, "tag": str(is_tag), "source": apart}),
        is_firing=is_firing,
        labels=named(
            alertname=f"pipeline of {home}",
            project=home,
            branch="" if is_tag else ref,
            tag=ref if is_tag else "",
            source=source,
            severity=severity,
        ),
        title=line(f"pipeline {'failed' if is_firing else 'passed'} on {ref} of {home}"),
        severity=severity,
        summary=_failed_jobs(found),
        url=address(pipeline.get("url")) or _page(project, pipeline),
        starts_at=moment(_iso(pipeline.get("created_at"))),
        ends_at=None if is_firing else moment(_iso(pipeline.get("finished_at"))),
    )


def _failed_jobs(found: Any) -> str:
    builds = found.get("builds")
    failed = [
        line(build.get("name"))
        for build in (builds if isinstance(builds, list) else [])
        if isinstance(build, dict) and build.get("status") == "failed"
    ]
    return text(", ".join(name for name in failed if name))


def _page(project: dict[str, Any], pipeline: dict[str, Any]) -> str | None:
    home, number = project.get("web_url"), pipeline.get("id")
    return address(f"{home}/-/pipelines/{number}") if isinstance(home, str) and isinstance(number, int) else None


def _iso(value: object) -> object:
    # GitLab writes "2016-08-12 15:23:28 UTC".
    return value.removesuffix(" UTC") if isinstance(value, str) else value


SOURCE: AlertSource = GitLab()
