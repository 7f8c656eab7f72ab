"""Holds JSON against a JSON Schema, as far as the API's own description uses it; what it does not know is an error."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_DESCRIBES = {"title", "description", "default", "$defs"}
_UNDERSTOOD = {"type", "enum", "format", "required", "properties", "items", "additionalProperties"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def faults(value: Any, schema: Any, document: Mapping[str, Any], where: str = "$") -> list[str]:
    """Return what is wrong with a value; an empty list means that it is as described."""
    if "$ref" in schema:
        return faults(value, _referred(schema["$ref"], document), document, where)
    if "anyOf" in schema:
        options = [faults(value, option, document, where) for option in schema["anyOf"]]
        return [] if [] in options else [f"{where}: {value!r} is none of the options"]
    unknown = schema.keys() - _DESCRIBES - _UNDERSTOOD
    if unknown:
        return [f"{where}: the schema's words {sorted(unknown)} are not known here"]
    return _kind(value, schema, where) or _inner(value, schema, document, where)


def _kind(value: Any, schema: Any, where: str) -> list[str]:
    if "type" in schema:
        kinds, wanted = _TYPES[schema["type"]], schema["type"]
        if not isinstance(value, kinds) or (isinstance(value, bool) and wanted != "boolean"):
            return [f"{where}: {value!r} is not {wanted}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is not among {schema['enum']}"]
    return _format(value, schema["format"], where) if "format" in schema else []


def _inner(value: Any, schema: Any, document: Mapping[str, Any], where: str) -> list[str]:
    found = [f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value]
    if "properties" in schema:
        found += _properties(value, schema, document, where)
    if "items" in schema:
        for index, item in enumerate(value):
            found += faults(item, schema["items"], document, f"{where}[{index}]")
    if isinstance(schema.get("additionalProperties"), dict):
        for name, item in value.items():
            found += faults(item, schema["additionalProperties"], document, f"{where}.{name}")
    return found


def _properties(value: Any, schema: Any, document: Mapping[str, Any], where: str) -> list[str]:
    found: list[str] = []
    for name, inner in value.items():
        if name in schema["properties"]:
            found += faults(inner, schema["properties"][name], document, f"{where}.{name}")
        else:
            found.append(f"{where}: {name} is not described")
    return found


def _format(value: Any, wanted: str, where: str) -> list[str]:
    if wanted != "date-time":
        return [f"{where}: the format {wanted!r} is not known here"]
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return [f"{where}: {value!r} is not an instant in UTC"]
    datetime.fromisoformat(value)
    return []


def _referred(pointer: str, document: Mapping[str, Any]) -> Any:
    found: Any = document
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found
