"""What whoever comes to an incident has at hand."""

import pytest

from bot.domain.context import Context, context_of
from bot.domain.organisation import Service
from tests.builders import an_incident, an_organisation

GATEWAY = Service(
    "inference-gateway", runbook="https://r.example/s", dashboards=("https://g.example",), depends_on=("s",)
)


@pytest.mark.parametrize(
    ("service", "own", "context"),
    [
        ("inference-gateway", None, Context("ml", "https://r.example/s", ("https://g.example",), ("s",))),
        (
            "inference-gateway",
            "https://r.example/a",
            Context("ml", "https://r.example/a", ("https://g.example",), ("s",)),
        ),
        ("gone", "https://r.example/a", Context("ml", "https://r.example/a", (), ())),
        (None, None, Context("ml", None, (), ())),
    ],
)
def test_the_runbook_is_the_incidents_own_else_its_services(
    service: str | None, own: str | None, context: Context
) -> None:
    incident = an_incident(service=service, runbook=own, team="ml")
    assert context_of(incident, an_organisation(services=(GATEWAY,))) == context
