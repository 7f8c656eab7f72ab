"""Amazon's Simple Notification Service: says whether Amazon signed a message, for a topic that is trusted.

From Amazon's documentation: "Verifying the signatures of Amazon SNS messages" (the text that is signed, and what to
beware of), "Parsing Amazon SNS message formats" (the fields), and "Subscribing an HTTP/S endpoint".
"""

import re
from base64 import b64decode
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from yarl import URL

from bot.ports.sources import GuardedFetch, Unreachable, Unreadable, WebhookRequest
from integrations.sources.reading import moment, whole
from integrations.sources.signing import is_one_of, is_recent

log = structlog.get_logger(__name__)

SKEW: Final = timedelta(hours=1)
"""SNS tries again for a while with the time of the first attempt."""

FETCHES_A_MINUTE: Final = 20
"""Of certificates that are not known yet: Amazon has one for a region at a time."""

FAILURE_HOLDS: Final = timedelta(seconds=15)
"""Less than the 20 seconds after which SNS sends again by default, three times: each of them must find us asking."""

_CONFIRMATION: Final = "SubscriptionConfirmation"
_END: Final = "UnsubscribeConfirmation"
_ASKING: Final = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED: Final = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    _CONFIRMATION: _ASKING,
    _END: _ASKING,
}
_HASHES: Final = {"1": SHA1, "2": SHA256}
_HOST: Final = re.compile(r"sns\.([a-z0-9-]{3,40})\.amazonaws\.com(?:\.cn)?")
_CERTIFICATE_PATH: Final = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,80}\.pem")
_LARGEST: Final = 20_000
_MOST_CERTIFICATES: Final = 32


class Certificates:
    """Amazon's certificates by their address, fetched once each; it changes them every few months.

    Whoever knows a topic can name certificates that were never there: how often one is fetched is bounded, and what
    was not to be had is not asked for again for a while.
    """

    def __init__(self) -> None:
        self._known: dict[str, x509.Certificate] = {}
        self._failed: dict[str, tuple[datetime, str | None]] = {}
        self._fetched: deque[datetime] = deque(maxlen=FETCHES_A_MINUTE)

    async def get(self, url: str, host: str, fetch: GuardedFetch, now: datetime) -> x509.Certificate | None:
        """Return a certificate; None for what is none. Raises `Unreachable` when it can't be fetched now."""
        if url in self._known:
            return self._known[url]
        self._failed = {one: (at, why) for one, (at, why) in self._failed.items() if now - at < FAILURE_HOLDS}
        if url not in self._failed:
            return await self._fetch(url, host, fetch, now)
        _, why = self._failed[url]
        if why is not None:
            raise Unreachable(why)
        return None

    async def _fetch(self, url: str, host: str, fetch: GuardedFetch, now: datetime) -> x509.Certificate | None:
        if len(self._fetched) == FETCHES_A_MINUTE and now - self._fetched[0] < timedelta(minutes=1):
            raise Unreachable(f"{FETCHES_A_MINUTE} certificates were fetched within the last minute")
        self._fetched.append(now)
        try:
            found = x509.load_pem_x509_certificate(await fetch(url, hosts=(host,), limit_bytes=_LARGEST))
        except (ValueError, PermissionError):
            self._failed[url] = (now, None)
            return None
        except Unreachable as error:
            self._failed[url] = (now, str(error))
            raise
        if len(self._known) >= _MOST_CERTIFICATES:
            self._known.clear()
        self._known[url] = found
        return found


async def verify(
    request: WebhookRequest, topics: Sequence[str], fetch: GuardedFetch, certificates: Certificates
) -> bool:
    """Say whether Amazon signed this message for one of the topics, in the last hour or so.

    A subscription that asks to be confirmed is confirmed here, once all that holds. Without topics nothing is checked,
    and such a subscription is refused: somebody else's topic must not be let in by a key in an address.
    """
    try:
        message = whole(request.body)
    except Unreadable:
        return not topics
    kind = message.get("Type")
    if not topics:
        if kind != _CONFIRMATION:
            return True
        log.warning("sns_subscription_refused", remedy="write the topic's ARN under `topics` of its source")
        return False
    if not await _is_genuine(message, topics, request.received_at, fetch, certificates):
        return False
    if kind == _CONFIRMATION:
        return await _confirm(message, fetch)
    if kind == _END:
        log.warning("sns_unsubscribed", topic=message["TopicArn"], remedy="subscribe again, or nothing is heard of it")
    return True


async def _is_genuine(
    message: dict[str, Any], topics: Sequence[str], now: datetime, fetch: GuardedFetch, certificates: Certificates
) -> bool:
    topic, kind, algorithm = message.get("TopicArn"), message.get("Type"), message.get("SignatureVersion")
    if not isinstance(topic, str) or not is_one_of(topic, topics) or not is_recent(_sent_at(message), now, SKEW):
        return False
    if not isinstance(kind, str) or kind not in _SIGNED or not isinstance(algorithm, str) or algorithm not in _HASHES:
        return False
    signed = _signed_text(message, _SIGNED[kind])
    host = _host(message.get("SigningCertURL"), topic)
    if signed is None or host is None or not _CERTIFICATE_PATH.fullmatch(URL(message["SigningCertURL"]).path):
        return False
    certificate = await certificates.get(message["SigningCertURL"], host, fetch, now)
    if certificate is None or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return False
    return _holds(certificate, message.get("Signature"), signed, algorithm)


def _holds(certificate: x509.Certificate, signature: object, signed: bytes, algorithm: str) -> bool:
    key = certificate.public_key()
    if not isinstance(signature, str) or not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(b64decode(signature, validate=True), signed, PKCS1v15(), _HASHES[algorithm]())
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed_text(message: dict[str, Any], names: Sequence[str]) -> bytes | None:
    """Return the text that was signed: each field's name and value on a line of their own."""
    parts = []
    for name in names:
        value = message.get(name)
        if value is None and name == "Subject":
            continue
        if not isinstance(value, str):
            return None
        parts.append(f"{name}\n{value}\n")
    return "".join(parts).encode("utf-8", "surrogatepass")


def _host(url: object, topic: str) -> str | None:
    """Return the host of an address that is Amazon's, in the region of the topic; else None."""
    if not isinstance(url, str) or not url.startswith("https://"):
        return None
    try:
        host = URL(url).host or ""
    except ValueError:
        return None
    matched = _HOST.fullmatch(host)
    return host if matched is not None and matched[1] == topic.split(":")[3] else None


def _sent_at(message: dict[str, Any]) -> datetime | None:
    return moment(message.get("Timestamp"))


async def _confirm(message: dict[str, Any], fetch: GuardedFetch) -> bool:
    topic, url = message["TopicArn"], message["SubscribeURL"]
    host = _host(url, topic)
    if host is None:
        return False
    try:
        await fetch(url, hosts=(host,), limit_bytes=_LARGEST)
    except PermissionError as error:
        raise Unreachable(str(error)) from None
    log.info("sns_subscribed", topic=topic)
    return True
