"""The types of values that only senders of alerts have: secrets that sign, topics, and where things stand in a body."""

import re
from typing import Annotated, Any, Final

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError, UnknownFunctionError
from pydantic import PlainValidator

from bot.config.addresses import Network, Unfit, read_networks
from bot.config.problem import shown
from bot.config.values import Form, Wrong, is_reference, one_word

_TOPIC: Final = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}")


def _signing(given: Any) -> str:
    word = one_word(given, "env:GITHUB_SECRET")
    if not is_reference(word):
        remedy = "put it into an environment variable and write its name here: env:GITHUB_SECRET"
        raise Wrong("a signing secret must not stand in this file", remedy)
    return word


def _topic(given: Any) -> str:
    example = "arn:aws:sns:eu-west-1:123456789012:alarms"
    word = one_word(given, example)
    if not _TOPIC.fullmatch(word):
        raise Wrong(f"{shown(word)} is not the ARN of a topic of SNS", f"write for example {example}")
    return word


def _expression(given: Any) -> str:
    word = one_word(given, "rule.name")
    if len(word) > 1_000:
        raise Wrong("this is over 1,000 characters long", "shorten it")
    try:
        jmespath.compile(word).search({})
    except UnknownFunctionError:
        what = f"{shown(word)} calls a function that JMESPath does not have"
        raise Wrong(what, "see jmespath.org for those it has") from None
    except (JMESPathTypeError, ArithmeticError, LookupError, TypeError):
        pass  # there is nothing here yet that a function could be applied to
    except (JMESPathError, RecursionError, ValueError):
        raise Wrong(f"{shown(word)} is not an expression of JMESPath", "write for example rule.name") from None
    return word


def _network(given: Any) -> Network:
    word = one_word(given, "192.0.2.0/24")
    try:
        return read_networks([word])[0]
    except Unfit as unfit:
        raise Wrong(unfit.what, unfit.remedy) from None


def _rate(given: Any) -> int:
    word = one_word(given, "600")
    if not re.fullmatch(r"[0-9]{1,6}", word) or not 1 <= int(word) <= 100_000:
        raise Wrong(f"{shown(word)} is not a whole number from 1 to 100000", "write for example 600")
    return int(word)


SourceNetwork = Annotated[
    Network, PlainValidator(_network), Form("an address or a network: `192.0.2.7`, `198.51.100.0/24`")
]
Rate = Annotated[int, PlainValidator(_rate), Form("a whole number, 1 to 100000")]
Signing = Annotated[str, PlainValidator(_signing), Form("`env:NAME`, the variable that holds the secret")]
Topic = Annotated[str, PlainValidator(_topic), Form("a topic's ARN: `arn:aws:sns:eu-west-1:123456789012:alarms`")]
Expression = Annotated[
    str, PlainValidator(_expression), Form("a path into the body, or any expression of JMESPath: `rule.name`")
]
