"""A message of SNS is believed when Amazon signed it for a topic that is trusted, and otherwise not."""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.ports.sources import Unreachable, WebhookRequest
from integrations.sources.cloudwatch import SOURCE, CloudWatch
from integrations.sources.sns import FAILURE_HOLDS, FETCHES_A_MINUTE
from tests.fakes.certificates import Issued, issue

NOW = datetime.now(UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
HOST = "sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"https://{HOST}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
CONFIRM = f"https://{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37"
AMAZON = issue(HOST)
SOMEBODY = issue(HOST)


@dataclass
class Amazon:
    """Answers what is fetched, and remembers it."""

    pem: bytes = AMAZON.pem
    is_away: bool = False
    has_none_but: str = ""
    tries: int = 0
    fetched: list[tuple[str, Sequence[str]]] = field(default_factory=list)

    async def __call__(self, url: str, *, hosts: Sequence[str], limit_bytes: int) -> bytes:
        if self.is_away:
            self.tries += 1
            raise Unreachable("Amazon is away")
        self.fetched.append((url, hosts))
        if self.has_none_but not in url:
            raise PermissionError("Amazon answered 404")
        return self.pem if url.endswith(".pem") else b"<ConfirmSubscriptionResponse/>"


def notification(**changes: Any) -> dict[str, Any]:
    return {
        "Type": "Notification",
        "MessageId": "6f1d0d2e-8f5a-5c0b-9d0e-5a6a3c1f7b20",
        "TopicArn": TOPIC,
        "Subject": 'ALARM: "features-db-cpu" in EU (Ireland)',
        "Message": json.loads(SOURCE.sample)["Message"],
        "Timestamp": NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
        **changes,
    }


def confirmation(**changes: Any) -> dict[str, Any]:
    asked = {
        "Type": "SubscriptionConfirmation",
        "Token": "2336412f37",
        "Message": "You have chosen to subscribe to the topic.\nTo confirm, visit the SubscribeURL.",
        "SubscribeURL": CONFIRM,
        **changes,
    }
    return {name: value for name, value in notification(**asked).items() if name != "Subject"}


def signed(message: dict[str, Any], by: Issued = AMAZON, algorithm: HashAlgorithm | None = None) -> dict[str, Any]:
    """Sign a message as Amazon's documentation says."""
    if message["Type"] == "Notification":
        names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    else:
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    hashed = algorithm or (SHA1() if message["SignatureVersion"] == "1" else SHA256())  # noqa: S303 - Amazon's default
    return {**message, "Signature": b64encode(by.key.sign(text.encode(), PKCS1v15(), hashed)).decode()}


async def is_believed(
    message: Any,
    amazon: Amazon | None = None,
    topics: Sequence[str] = (TOPIC,),
    source: CloudWatch | None = None,
    after: timedelta = timedelta(0),
) -> bool:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    request = WebhookRequest("POST", "/webhooks/alarms", {}, body, NOW + after)
    return await (source or CloudWatch()).verify(request, topics, amazon or Amazon())


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [{}, {"Subject": None}])
async def test_what_amazon_signed_is_believed(version: str, subject: dict[str, Any]) -> None:
    message = {name: value for name, value in notification(**subject).items() if value is not None}
    assert await is_believed(signed({**message, "SignatureVersion": version}))


async def test_amazons_certificate_is_fetched_once_from_amazons_host() -> None:
    amazon, source = Amazon(), CloudWatch()
    for _ in range(3):
        assert await is_believed(signed(notification()), amazon, source=source)
    assert amazon.fetched == [(CERTIFICATE, (HOST,))]


async def test_in_china_amazon_has_another_name() -> None:
    topic = "arn:aws-cn:sns:cn-north-1:123456789012:alarms"
    host = "sns.cn-north-1.amazonaws.com.cn"
    message = notification(TopicArn=topic, SigningCertURL=f"https://{host}/SimpleNotificationService-1a.pem")
    amazon = Amazon()
    assert await is_believed(signed(message), amazon, [topic])
    assert amazon.fetched[0][1] == (host,)


async def test_any_of_several_topics_may_send() -> None:
    assert await is_believed(signed(notification()), topics=["arn:aws:sns:eu-west-1:1:other", TOPIC])


async def test_another_topic_may_not_even_if_amazon_signed_it() -> None:
    amazon = Amazon()
    message = signed(notification(TopicArn="arn:aws:sns:eu-west-1:999999999999:alarms"))
    assert not await is_believed(message, amazon)
    assert amazon.fetched == []


@pytest.mark.parametrize("name", ["Message", "MessageId", "Subject", "Timestamp", "Type"])
async def test_a_field_that_was_changed_or_taken_away_after_signing_is_noticed(name: str) -> None:
    message = signed(notification())
    assert not await is_believed({**message, name: message[name] + " "})
    assert not await is_believed({key: value for key, value in message.items() if key != name})


async def test_what_somebody_else_signed_is_refused() -> None:
    assert not await is_believed(signed(notification(), by=SOMEBODY))


async def test_a_hash_other_than_the_stated_one_is_refused() -> None:
    assert not await is_believed(signed(notification(SignatureVersion="1"), algorithm=SHA256()))


@pytest.mark.parametrize("signature", [None, "", "!!", "c2lnbmVk", 7, "A" * 10_000])
async def test_a_signature_that_is_none_is_refused(signature: Any) -> None:
    assert not await is_believed({**notification(), "Signature": signature})


@pytest.mark.parametrize("version", ["3", "", None, 2, []])
async def test_an_unknown_version_of_signatures_is_refused(version: Any) -> None:
    assert not await is_believed({**signed(notification()), "SignatureVersion": version})


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com.attacker.example/SimpleNotificationService-1.pem",
        "https://attacker.example/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com@attacker.example/SimpleNotificationService-1.pem",
        "https://attacker.example/?sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://s3.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com/bucket/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem.txt",
        "https://127.0.0.1/SimpleNotificationService-1.pem",
        "https://[",
        "",
        None,
        7,
    ],
)
async def test_a_certificate_from_elsewhere_is_not_even_looked_at(url: Any) -> None:
    amazon = Amazon(pem=SOMEBODY.pem)
    assert not await is_believed({**signed(notification(), by=SOMEBODY), "SigningCertURL": url}, amazon)
    assert amazon.fetched == []


@pytest.mark.parametrize(
    "issued",
    [
        issue(HOST, begins=NOW - timedelta(days=60)),
        issue(HOST, begins=NOW + timedelta(days=1)),
    ],
    ids=["expired", "not yet valid"],
)
async def test_a_certificate_out_of_its_time_is_refused(issued: Issued) -> None:
    assert not await is_believed(signed(notification(), by=issued), Amazon(pem=issued.pem))


def _ec_public_key() -> bytes:
    return generate_ec_key(SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("pem", [b"", b"no certificate", AMAZON.pem[:200], _ec_public_key()])
async def test_a_certificate_that_is_none_is_refused(pem: bytes) -> None:
    assert not await is_believed(signed(notification()), Amazon(pem=pem))


async def test_when_the_certificate_cannot_be_had_now_amazon_is_to_send_again() -> None:
    with pytest.raises(Unreachable):
        await is_believed(signed(notification()), Amazon(is_away=True))


async def test_when_it_can_be_had_again_amazon_is_believed_again_and_is_not_asked_meanwhile() -> None:
    amazon, source = Amazon(is_away=True), CloudWatch()
    for second in range(10):
        with pytest.raises(Unreachable):
            await is_believed(signed(notification()), amazon, source=source, after=timedelta(seconds=second))
    assert amazon.tries == 1
    amazon.is_away = False
    assert await is_believed(signed(notification()), amazon, source=source, after=FAILURE_HOLDS)


def naming(certificate: str) -> dict[str, Any]:
    return signed(notification(SigningCertURL=CERTIFICATE.replace("0123", certificate)))


async def test_a_certificate_that_amazon_does_not_have_is_refused_and_asked_for_once() -> None:
    amazon, source = Amazon(has_none_but=CERTIFICATE), CloudWatch()
    for _ in range(3):
        assert not await is_believed(naming("made0up"), amazon, source=source)
    assert len(amazon.fetched) == 1


async def test_however_many_certificates_are_made_up_few_are_asked_for_and_known_ones_hold() -> None:
    amazon, source = Amazon(has_none_but=CERTIFICATE), CloudWatch()
    assert await is_believed(signed(notification()), amazon, source=source)
    for number in range(FETCHES_A_MINUTE - 1):
        assert not await is_believed(naming(f"made{number}up"), amazon, source=source)
    for number in range(100, 110):
        with pytest.raises(Unreachable):
            await is_believed(naming(f"made{number}up"), amazon, source=source)
    assert len(amazon.fetched) == FETCHES_A_MINUTE
    assert await is_believed(signed(notification()), amazon, source=source)
    assert not await is_believed(naming("made0later"), amazon, source=source, after=timedelta(minutes=1))
    assert len(amazon.fetched) == FETCHES_A_MINUTE + 1


@pytest.mark.parametrize(("age", "believed"), [(59, True), (61, False), (-59, True), (-61, False), (60 * 24, False)])
async def test_what_was_signed_more_than_an_hour_ago_is_refused(age: int, believed: bool) -> None:
    sent_at = (NOW - timedelta(minutes=age)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert await is_believed(signed(notification(Timestamp=sent_at))) is believed


async def test_a_subscription_is_confirmed_once_all_holds() -> None:
    amazon = Amazon()
    assert await is_believed(signed(confirmation()), amazon)
    assert amazon.fetched == [(CERTIFICATE, (HOST,)), (CONFIRM, (HOST,))]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda message: {**message, "Token": "another"},
        lambda message: {**message, "SubscribeURL": CONFIRM + "&x"},
        lambda message: signed({**message, "TopicArn": "arn:aws:sns:eu-west-1:999999999999:alarms"}),
        lambda message: signed({**message, "SubscribeURL": "https://169.254.169.254/latest/meta-data"}),
        lambda message: signed({**message, "SubscribeURL": "https://attacker.example/"}),
        lambda message: signed({**message, "SubscribeURL": "http://sns.eu-west-1.amazonaws.com/"}),
        lambda message: signed(message, by=SOMEBODY),
    ],
)
async def test_a_subscription_that_is_not_what_it_seems_is_not_confirmed(
    spoil: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    amazon = Amazon()
    assert not await is_believed(spoil(signed(confirmation())), amazon)
    assert [url for url, _ in amazon.fetched if not url.endswith(".pem")] == []


async def test_a_subscription_that_cannot_be_confirmed_now_is_to_be_sent_again() -> None:
    amazon, source = Amazon(), CloudWatch()
    assert await is_believed(signed(notification()), amazon, source=source)
    amazon.is_away = True
    with pytest.raises(Unreachable):
        await is_believed(signed(confirmation()), amazon, source=source)


async def test_the_end_of_a_subscription_is_taken_note_of_and_nothing_is_fetched_for_it() -> None:
    amazon = Amazon()
    assert await is_believed(signed(confirmation(Type="UnsubscribeConfirmation")), amazon)
    assert amazon.fetched == [(CERTIFICATE, (HOST,))]


async def test_without_topics_the_key_is_enough_for_alarms_but_confirms_nothing() -> None:
    amazon = Amazon()
    assert await is_believed(notification(), amazon, topics=())
    assert not await is_believed(signed(confirmation()), amazon, topics=())
    assert amazon.fetched == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'{"Type": []}', b'{"Type": "Notification"}'])
async def test_what_is_no_message_is_refused(body: bytes) -> None:
    assert not await is_believed(body)
