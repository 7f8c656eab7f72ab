"""The configured alert sources, and which of them a presented key belongs to. Plain keys are not kept."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from bot.config.addresses import Network
from bot.config.file import File, MappingSection, SourceSection
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.ports.store import DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class Source:
    """A sender of alerts: whose it is, what it is called, and which parser reads it.

    `signs_with` are its signing secrets, or the topics that it may speak for; printed, they show as asterisks.
    """

    tenant: str
    name: str
    kind: str
    signs_with: tuple[SecretStr, ...] = ()
    networks: tuple[Network, ...] = ()
    per_minute: int | None = None

    @property
    def trusted(self) -> tuple[str, ...]:
        """What its signatures are checked against."""
        return tuple(secret.get_secret_value() for secret in self.signs_with)


@dataclass(frozen=True, slots=True)
class SourceKey:
    """One key of one source. Only the key's SHA-256 is known: 256 random bits need no salt."""

    source: Source
    key_hash: bytes


class SourceKeys:
    """Knows every source and every key, and lets senders in by name or by kind."""

    def __init__(
        self, sources: Iterable[Source], keys: Iterable[SourceKey], any_key: bytes | None, *, is_open: bool
    ) -> None:
        self._by_name = {source.name: source for source in sources}
        self._keys = tuple(keys)
        self._any_key = any_key
        self._is_open = is_open
        self._guarded = {key.source.name for key in self._keys}
        self._signed = {source.name for source in self._by_name.values() if source.signs_with}

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that the file names."""
        return tuple(self._by_name.values())

    def knows(self, name: str) -> bool:
        """Say whether the file names a source so."""
        return name in self._by_name

    def find(self, kind_or_name: str, presented_key: str | None) -> Source | None:
        """Return the source that this key lets in under this name or kind; None: refuse.

        A source's own key comes first, then TOCSIN_WEBHOOK_KEY, which opens every source, named or not. A source that
        signs and has no keys opens under its name, for its signature to be checked. Without any of these set for it, a
        source is open on loopback. Whether there is such a kind is for the caller to know.
        """
        presented = hash_key(presented_key or "")
        owner: Source | None = None
        for key in self._keys:
            # Every key is compared, whatever came before, so that time tells nothing.
            is_same = hmac.compare_digest(key.key_hash, presented)
            if is_same and owner is None and kind_or_name in {key.source.name, key.source.kind}:
                owner = key.source
        opens_all = self._any_key is not None and hmac.compare_digest(self._any_key, presented)
        if owner is not None:
            return owner
        named = self._by_name.get(kind_or_name)
        if kind_or_name in self._signed - self._guarded:
            return named
        if opens_all or (self._any_key is None and self._is_open and not self._needs_key(kind_or_name)):
            return named or Source(DEFAULT_TENANT, kind_or_name, kind_or_name)
        return None

    def _needs_key(self, kind_or_name: str) -> bool:
        named = self._by_name.get(kind_or_name)
        if named is not None:
            return named.name in self._guarded
        guarded = self._guarded | self._signed
        # A source with a mapping is a kind of its own, and yet one of the kind that it maps.
        kinds = {source.kind.partition(":")[0] for source in self._by_name.values() if source.name in guarded}
        return kind_or_name in kinds


def source_keys(file: File, secrets: Secrets, settings: Settings) -> SourceKeys:
    """Return the sources of a file with the hashes of their keys, and what their signatures are checked against."""
    sources = {source.name: _source(source, secrets) for source in file.sources}
    keys = [
        SourceKey(sources[name], hash_key(key.get_secret_value()))
        for name, keys in secrets.keys.items()
        for key in keys
    ]
    any_key = hash_key(settings.webhook_key.get_secret_value()) if settings.webhook_key is not None else None
    return SourceKeys(sources.values(), keys, any_key, is_open=not settings.is_exposed)


def _source(section: SourceSection, secrets: Secrets) -> Source:
    topics = (SecretStr(topic) for topic in section.topics)
    signs_with = (*secrets.signing.get(section.name, ()), *topics)
    return Source(DEFAULT_TENANT, section.name, kind_of(section), signs_with, section.networks, section.per_minute)


def kind_of(section: SourceSection) -> str:
    """Return the kind of a source: with a mapping it is a kind of its own, such as `generic:jobs`."""
    return f"{section.kind}:{section.name}" if _is_mapped(section) else section.kind


def _is_mapped(section: SourceSection) -> bool:
    return section.mapping != MappingSection()


def mappings_of(file: File) -> Mapping[str, Mapping[str, str]]:
    """Return the mappings of a file by the kinds that they make; a label is called `labels.NAME`."""
    found = {}
    for section in file.sources:
        if _is_mapped(section):
            given = section.mapping.model_dump(exclude={"labels"}, exclude_none=True)
            labels = {f"labels.{name}": expression for name, expression in section.mapping.labels.items()}
            found[kind_of(section)] = {**given, **labels}
    return found


def hash_key(key: str) -> bytes:
    """Return what is remembered of a key."""
    # What came over HTTP may hold half a surrogate pair, which plain UTF-8 can't encode.
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
