"""What every test gets: the real counterparts, sockets that reach loopback only, and no judgement about speed."""

from hypothesis import HealthCheck, settings

from integrations.chat.discovery import discover

# As in every Tocsin that runs, the log knows the tokens of chats, and the catalogue their sentences.
discover()

# How fast examples are made says how busy the machine is, and nothing about Tocsin.
settings.register_profile("tocsin", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tocsin")

pytest_plugins = [
    "tests.contracts.chat.house",
    "tests.counterparts.alertmanager",
    "tests.counterparts.chromium",
    "tests.counterparts.postgres",
    "tests.counterparts.prometheus",
    "tests.counterparts.tocsin",
    "tests.loopback",
]

# How long an example takes says how busy the machine is.
settings.register_profile("tocsin", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tocsin")
