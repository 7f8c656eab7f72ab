"""A metric that a test sets and a real Prometheus scrapes, and the rule that fires on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.counterparts.program import free_port

RULES = """\
groups:
  - name: serving
    rules:
      - alert: InferenceQueueLong
        expr: last_over_time(tested_queue_length[1m]) > 100
        labels: {severity: warning, service: inference-gateway}
        annotations: {summary: Requests queue in front of the model, runbook_url: "https://runbooks.example/queue"}
"""


class Gauge:
    """A metric that the test sets and Prometheus scrapes; `others` are more of them, by name."""

    def __init__(self) -> None:
        self.value = 0
        self.others: dict[str, int] = {}
        self.address = ""

    async def serve(self) -> web.AppRunner:
        """Answer `/metrics` on loopback."""

        async def metrics(_request: web.Request) -> web.Response:
            metrics = {"tested_queue_length": self.value, **self.others}
            return web.Response(text="".join(f"{name} {value}\n" for name, value in metrics.items()))

        app = web.Application()
        app.router.add_get("/metrics", metrics)
        runner = web.AppRunner(app)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.address = f"127.0.0.1:{port}"
        return runner


@asynccontextmanager
async def scraped() -> AsyncIterator[Gauge]:
    """Give a metric that Prometheus can scrape."""
    made = Gauge()
    runner = await made.serve()
    yield made
    await runner.cleanup()


def to_tocsin(url: str) -> str:
    """Alertmanager's configuration that tells Tocsin of everything at once."""
    return (
        "route: {receiver: tocsin, group_by: [alertname], group_wait: 100ms, group_interval: 1s, repeat_interval: 1h}\n"
        "receivers:\n"
        "  - name: tocsin\n"
        f"    webhook_configs: [{{url: '{url}/webhooks/alertmanager', send_resolved: true}}]\n"
    )
