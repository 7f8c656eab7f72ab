"""Say which alerts are the same alert, and which belong to one incident."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final

_NEVER_GROUPS: Final = "severity"


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return the identity of the alert with these labels: 16 lowercase hex digits.

    The order of the labels makes no difference. No two label sets share a fingerprint by
    the way their names and values join up; a label that is there and empty is not the
    same as one that is missing.
    """
    return _digest(part for pair in sorted(labels.items()) for part in pair)[:16]


def group_labels(group_by: Sequence[str], labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the labels an incident is grouped on, in the order of `group_by`, each once.

    A missing label counts as empty. Severity, in whatever case it is written, is left out
    even if listed: an alert that gets worse must ring in its incident, not open a second.
    """
    names = dict.fromkeys(name for name in group_by if name.casefold() != _NEVER_GROUPS)
    return tuple((name, labels.get(name, "")) for name in names)


def group_key(service: str, group_by: Sequence[str], labels: Mapping[str, str]) -> str:
    """Return the key shared by the alerts of one incident: 32 lowercase hex digits.

    It depends on the service and on `group_labels`, not on the order of either the labels
    or `group_by`. An empty `group_by` gives one group a service.
    """
    return _group_key(service, group_labels(group_by, labels))


@lru_cache(maxsize=4096)
def _group_key(service: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """Groups are few and their alerts many, so a key is computed once."""
    return _digest([service, *(part for pair in sorted(pairs) for part in pair)])[:32]


def _digest(parts: Iterable[str]) -> str:
    digest = sha256()
    for part in parts:
        # A JSON body may carry half a surrogate pair, which plain UTF-8 can't encode.
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return digest.hexdigest()
