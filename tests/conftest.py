"""What every test gets: the real counterparts, and sockets that reach loopback only."""

pytest_plugins = [
    "tests.contracts.chat.house",
    "tests.counterparts.alertmanager",
    "tests.counterparts.chromium",
    "tests.counterparts.postgres",
    "tests.counterparts.prometheus",
    "tests.counterparts.tocsin",
    "tests.loopback",
]
