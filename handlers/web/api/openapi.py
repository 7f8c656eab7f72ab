"""The API's own description, in OpenAPI 3.1, made of the very operations and models that answer."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from handlers.web.api.models import ProblemDocument
from handlers.web.api.operation import Operation

_REFS: Final = "#/components/schemas/{model}"
_ALWAYS: Final = {
    401: "The bearer token is missing or wrong.",
    422: "The request is malformed; `errors` says where.",
    500: "Something went wrong in Tocsin.",
    503: "Tocsin can't reach its database now; try again.",
}


def describe(operations: Sequence[Operation], base_path: str) -> dict[str, Any]:
    """Return the OpenAPI document of these operations."""
    schemas, definitions = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tocsin",
            "version": "1",
            "description": "Incidents, alerts and deliveries, and the commands that people write. The token reads as "
            "an administrator does, private incidents included; a command runs with its actor's access. Instants are "
            "RFC 3339 in UTC.",
        },
        "servers": [{"url": base_path}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(operations: Sequence[Operation]) -> tuple[Mapping[Any, Any], dict[str, Any]]:
    wanted: dict[type[BaseModel], JsonSchemaMode] = {ProblemDocument: "serialization"}
    for operation in operations:
        wanted[operation.answer] = "serialization"
        if operation.body is not None:
            wanted[operation.body] = "validation"
    by_model, document = models_json_schema(list(wanted.items()), ref_template=_REFS)
    schemas = {model: schema for (model, _), schema in by_model.items()}
    return schemas, document["$defs"]


def _operation(operation: Operation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    failures = {**_ALWAYS, **(operation.problems or {})}
    answers: dict[str, Any] = {
        "200": {"description": "Done.", "content": {"application/json": {"schema": schemas[operation.answer]}}}
    }
    for status, meaning in sorted(failures.items()):
        content = {"application/problem+json": {"schema": schemas[ProblemDocument]}}
        answers[str(status)] = {"description": meaning, "content": content}
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_headers(operation)],
        "responses": answers,
    }
    if operation.body is not None:
        content = {"application/json": {"schema": schemas[operation.body]}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    properties = operation.query.model_json_schema(mode="validation").get("properties", {})
    parameters = []
    for name, schema in properties.items():
        inner = {key: value for key, value in schema.items() if key not in {"title", "description"}}
        description = schema.get("description", "")
        parameters.append({"name": name, "in": "query", "description": description, "schema": inner})
    return parameters


def _headers(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}
        for name, description in (operation.headers or {}).items()
    ]
