"""The keys of the heartbeats; of each only its hash is held."""

import hmac
from collections.abc import Mapping

from bot.config.secrets import Secrets
from bot.config.sources import hash_key


class HeartbeatKeys:
    """Knows which key belongs to which heartbeat."""

    def __init__(self, hashes: Mapping[str, bytes]) -> None:
        self._hashes = dict(hashes)
        self._nobody = hash_key("")

    def opens(self, name: str, presented: str) -> bool:
        """Say whether this is the heartbeat's key; an unknown name takes as long as a wrong key."""
        known = self._hashes.get(name, self._nobody)
        is_same = hmac.compare_digest(known, hash_key(presented))
        return is_same and name in self._hashes


def heartbeat_keys(secrets: Secrets) -> HeartbeatKeys:
    """Return the keys of a file's heartbeats."""
    return HeartbeatKeys({name: hash_key(key.get_secret_value()) for name, key in secrets.heartbeats.items()})
