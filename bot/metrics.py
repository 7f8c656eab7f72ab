"""What Tocsin counts about itself, for Prometheus."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.ports.records import LaneKind
from bot.ports.store import Backlog

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Every metric, in a registry of its own, so that several Tocsins in one process (tests) count apart.

    Handlers count by themselves; what waits is filled in when somebody looks. Labels take only a handful of values
    each: never a name from outside.
    """

    def __init__(self) -> None:
        # When each counter was made is in a series beside each counter, which nobody reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.deliveries = Counter(
            "tocsin_deliveries",
            "Webhook requests by source kind, and what became of them: accepted, refused, failed, overloaded ...",
            ["kind", "outcome"],
            registry=registry,
        )
        self.alerts = Counter(
            "tocsin_alerts",
            "Reports of alerts by source kind and what they meant: opened, repeated, worsened, resolved, suppressed, stray.",
            ["kind", "meaning"],
            registry=registry,
        )
        self.quarantined = Counter(
            "tocsin_deliveries_quarantined",
            "Deliveries set aside because not all of them could be read, by source kind.",
            ["kind"],
            registry=registry,
        )
        self.incidents_opened = Counter(
            "tocsin_incidents_opened", "Incidents opened, by severity.", ["severity"], registry=registry
        )
        self.chat_results = Counter(
            "tocsin_chat_results",
            "What came of effects: done, retry, failed, unknown.",
            ["chat", "effect", "result"],
            registry=registry,
        )
        self.commands = Counter("tocsin_commands", "Lines that people wrote.", ["chat", "ok"], registry=registry)
        self.command_seconds = Histogram(
            "tocsin_command_seconds",
            "From taking a line to its answer.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
            registry=registry,
        )
        self.cleared = Counter(
            "tocsin_cleared",
            "Rows deleted because they were kept long enough: deliveries, effects, lines, updates.",
            ["shelf"],
            registry=registry,
        )
        self.deliveries_kept = Gauge(
            "tocsin_deliveries_kept_bytes", "What the bodies of all kept deliveries take.", registry=registry
        )
        self._waiting = Gauge(
            "tocsin_outbox_waiting", "Effects that wait, by kind of lane.", ["lane"], registry=registry
        )
        self._oldest = Gauge(
            "tocsin_outbox_oldest_seconds",
            "Age of the oldest that waits, by kind of lane.",
            ["lane"],
            registry=registry,
        )
        self._inbox = Gauge("tocsin_inbox_waiting", "Deliveries that wait to be processed.", registry=registry)
        self._dead = Gauge("tocsin_outbox_dead", "Effects that were given up and wait for a person.", registry=registry)
        self._lateness = Gauge(
            "tocsin_timer_lateness_seconds", "How late the most overdue timer is.", registry=registry
        )
        self._heartbeat = Gauge(
            "tocsin_loop_heartbeat_age_seconds", "Time since a loop last turned.", ["loop"], registry=registry
        )

        self.put_off = Gauge(
            "tocsin_put_off",
            "What failed when it was last tried and is tried again after a pause, by loop: lanes, timers, effects.",
            ["loop"],
            registry=registry,
        )

    def answered(self, chat: str, seconds: float, *, ok: bool) -> None:
        """Count one line and how long its answer took."""
        self.commands.labels(chat, "yes" if ok else "no").inc()
        self.command_seconds.observe(seconds)

    def take(self, backlog: Backlog, heartbeats: Iterable[tuple[str, timedelta]]) -> None:
        """Take over what waits, and how long ago each loop turned."""
        self._inbox.set(backlog.deliveries)
        for kind in LaneKind:
            if kind is LaneKind.INBOX:
                continue
            depth, age = backlog.lanes.get(kind, (0, timedelta()))
            self._waiting.labels(kind.value).set(depth)
            self._oldest.labels(kind.value).set(age.total_seconds())
        self._dead.set(backlog.dead_effects)
        self._lateness.set(backlog.timer_lateness.total_seconds())
        for name, age in heartbeats:
            self._heartbeat.labels(name).set(age.total_seconds())

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self._registry)
