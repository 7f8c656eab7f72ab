"""What every test gets: the real counterparts, and sockets that reach loopback only."""

from integrations.chat.discovery import discover

# As in every Tocsin that runs, the log knows the tokens of chats, and the catalogue their sentences.
discover()

pytest_plugins = [
    "tests.contracts.chat.house",
    "tests.counterparts.alertmanager",
    "tests.counterparts.chromium",
    "tests.counterparts.postgres",
    "tests.counterparts.prometheus",
    "tests.counterparts.tocsin",
    "tests.loopback",
]
