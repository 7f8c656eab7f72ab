"""Where the demo lives: a folder to throw away, an organisation of its own, and a port that is free."""

import socket
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from bot.config.addresses import Listen
from bot.config.settings import DEFAULT_LISTEN, Settings
from bot.config.variables import LISTEN

ME: Final = "robin"
"""What the organisation calls whoever looks at the demo."""


def settings_in(folder: Path, port: int) -> Settings:
    """Return settings that know nothing of the caller's environment; the organisation is written into the folder."""
    config = folder / "tocsin.yaml"
    config.write_bytes(files("bot.demo").joinpath("organisation.yaml").read_bytes())
    listen = Listen(DEFAULT_LISTEN.host, port)
    return Settings(
        config_path=config,
        config_is_named=True,
        database_url=f"sqlite:///{folder}/tocsin.sqlite3",
        listen=listen,
        public_url=f"http://{listen}",
    )


def wanted_port(env: Mapping[str, str]) -> int:
    """Return the port that TOCSIN_LISTEN names, else the usual one; 0 is any. Raises `ConfigError` for what is none.

    Its host counts for nothing: whoever reaches the demo may do everything in it.
    """
    return Settings.from_environment({LISTEN.name: env.get(LISTEN.name, "")}).listen.port


def free_port(wanted: int) -> int:
    """Return the wanted port of loopback, or one that the system has to spare when another program has it."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            # As the server will: a port on which only old connections linger is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((DEFAULT_LISTEN.host, port))
                probe.listen()
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted
