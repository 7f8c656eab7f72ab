"""What Slack refuses in messages and views, as its documents have it, and what a person reads in what it accepts."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_ELEMENTS: Final = {"button", "static_select", "plain_text_input"}
_STYLES: Final = {None, "primary", "danger"}


class Rejected(Exception):
    """Slack does not take this."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(f"{code}: {why}")
        self.code = code


def message(text: str, blocks: Sequence[Mapping[str, Any]]) -> None:
    """Check a message; raises `Rejected`."""
    _require(bool(text) or bool(blocks), "no_text")
    _require(bool(text), "invalid_blocks", "without top-level text a screen reader has nothing to read")
    _require(len(text) <= 4000, "msg_too_long")
    _require(len(blocks) <= 50, "invalid_blocks", "50 blocks")
    _blocks(blocks)


def view(drawn: Mapping[str, Any]) -> None:
    """Check a modal."""
    _require(drawn.get("type") == "modal", "invalid_arguments", "type")
    for part in ("title", "submit", "close"):
        _plain(drawn[part], 24)
    _require(len(drawn.get("private_metadata", "")) <= 3000, "invalid_arguments", "private_metadata")
    _require(len(drawn.get("callback_id", "")) <= 255, "invalid_arguments", "callback_id")
    _require(0 < len(drawn["blocks"]) <= 100, "invalid_arguments", "100 blocks")
    _require(len(json.dumps(drawn)) <= 250_000, "view_too_large")
    _blocks(drawn["blocks"])


def _blocks(blocks: Sequence[Mapping[str, Any]]) -> None:
    block_ids = [block["block_id"] for block in blocks if "block_id" in block]
    _require(len(set(block_ids)) == len(block_ids), "invalid_blocks", "block_id doubled")
    action_ids: list[str] = []
    for block in blocks:
        match block["type"]:
            case "header":
                _plain(block["text"], 150)
            case "section":
                _section(block)
            case "rich_text":
                _rich(block)
            case "actions":
                _require(0 < len(block["elements"]) <= 25, "invalid_blocks", "25 elements")
                for element in block["elements"]:
                    _element(element)
                    action_ids.append(element["action_id"])
            case "input":
                _plain(block["label"], 2000)
                if "hint" in block:
                    _plain(block["hint"], 2000)
                _element(block["element"])
            case other:
                raise Rejected("invalid_blocks", f"no block {other}")
    _require(len(set(action_ids)) == len(action_ids), "invalid_blocks", "action_id doubled")


def _section(block: Mapping[str, Any]) -> None:
    _require("text" in block or "fields" in block, "invalid_blocks", "an empty section")
    if "text" in block:
        _text(block["text"], 3000)
    if "fields" in block:
        _require(0 < len(block["fields"]) <= 10, "invalid_blocks", "10 fields")
        for field in block["fields"]:
            _text(field, 2000)


def _rich(block: Mapping[str, Any]) -> None:
    for section in block["elements"]:
        _require(section["type"] == "rich_text_section", "invalid_blocks", section["type"])
        _require(bool(section["elements"]), "invalid_blocks", "an empty section")
        for element in section["elements"]:
            _require(element["type"] in {"text", "link", "channel"}, "invalid_blocks", element["type"])
            _require(bool(_read(element)), "invalid_blocks", "empty text")
    _require(len(json.dumps(block)) < 20_000, "msg_blocks_too_long")


def _element(element: Mapping[str, Any]) -> None:
    _require(element["type"] in _ELEMENTS, "invalid_blocks", element["type"])
    _require(0 < len(element["action_id"]) <= 255, "invalid_blocks", "action_id")
    match element["type"]:
        case "button":
            _plain(element["text"], 75)
            _require(len(element.get("value", "")) <= 2000, "invalid_blocks", "value")
            _require(element.get("style") in _STYLES, "invalid_blocks", "style")
            if "confirm" in element:
                for part, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
                    _plain(element["confirm"][part], limit)
        case "static_select":
            _require(0 < len(element["options"]) <= 100, "invalid_arguments", "100 options")
            for option in element["options"]:
                _plain(option["text"], 75)
                _require(0 < len(option["value"]) <= 150, "invalid_arguments", "option's value")
            initial = element.get("initial_option")
            _require(initial is None or initial in element["options"], "invalid_arguments", "initial_option")
        case _:
            limit = element.get("max_length", 3000)
            _require(len(element.get("initial_value", "")) <= limit <= 3000, "invalid_arguments", "initial_value")


def _plain(text: Mapping[str, Any], limit: int) -> None:
    _require(text["type"] == "plain_text", "invalid_blocks", "plain_text")
    _text(text, limit)


def _text(text: Mapping[str, Any], limit: int) -> None:
    _require(0 < len(text["text"]) <= limit, "invalid_blocks", f"{len(text['text'])} characters where {limit} fit")
    _require("\x00" not in text["text"], "invalid_blocks", "NUL")


def _require(holds: bool, code: str, why: str = "") -> None:
    if not holds:
        raise Rejected(code, why)


def read(text: str, blocks: Sequence[Mapping[str, Any]]) -> str:
    """Return all that a person reads in a message, one part a line."""
    return "\n".join(_lines(blocks)) if blocks else _spoken(text)


def _lines(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for block in blocks:
        match block["type"]:
            case "header":
                yield block["text"]["text"]
            case "section":
                for text in (*([block["text"]] if "text" in block else []), *block.get("fields", ())):
                    yield _spoken(text["text"]) if text["type"] == "mrkdwn" else text["text"]
            case "rich_text":
                parts = [part for section in block["elements"] for part in section["elements"]]
                yield "".join(_read(part) for part in parts)
            case _:
                continue


def _read(element: Mapping[str, Any]) -> str:
    """Return what is read of an element of rich text; Slack shows a channel by its name."""
    if element["type"] == "channel":
        return f"#{element['channel_id']}"
    return str(element.get("text") or element["url"])


def _spoken(text: str) -> str:
    """Return Slack's own markup as it is shown: styled words without their signs, addresses bare or behind words."""
    shown = re.sub(r"<(!?)([^>|]+)(?:\|([^>]+))?>", lambda found: found[3] or f"{found[1] and '@'}{found[2]}", text)
    return html.unescape(re.sub(r"(?<!\w)([*_~`])(\S|\S.*?\S)\1(?!\w)", r"\2", shown))


def rings(text: str, blocks: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether a message rings for everyone, mentions anybody, or hides an address behind other words.

    Slack finds its marks in whatever it parses, and bare mentions in what it parses that is not verbatim.
    """
    parsed, searched = [text], []
    for block in blocks:
        texts = (*([block["text"]] if "text" in block else []), *block.get("fields", ()))
        parsed += [one["text"] for one in texts if one["type"] == "mrkdwn"]
        searched += [one["text"] for one in texts if one["type"] == "mrkdwn" and not one.get("verbatim")]
    is_marked = any(re.search(r"<(?!https?://[^>|]+>)[^>]*>", one) for one in parsed)
    return is_marked or any(re.search(r"(?<!\w)@(channel|here|everyone)\b", one) for one in searched)


def buttons(blocks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the buttons of a message."""
    return [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
