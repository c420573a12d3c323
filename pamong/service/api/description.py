"""The API as OpenAPI 3.1, made from the same table as its routes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec

from pamong import wire
from pamong.service.api.operation import PARAMETERS, Operation

VERSION = "1.0.0"
_MEANINGS = {
    400: "The request cannot be understood",
    401: "Nobody is logged in",
    403: "Not for whoever asks",
    404: "There is no such thing, or not for whoever asks",
    409: "It cannot be done as things are",
    413: "The request is too large",
    503: "The service cannot do it now; ask again",
}
_TROUBLE = {"application/json": {"schema": {"$ref": "#/components/schemas/Trouble"}}}


def describe(operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole description, ready to be written as JSON."""
    operations = tuple(operations)
    types = [each for it in operations for each in (it.takes, it.gives) if _is_json(each)]
    schemas, components = msgspec.json.schema_components(
        [*types, wire.Trouble], ref_template="#/components/schemas/{name}"
    )
    known = {id(kind): schema for kind, schema in zip(types, schemas, strict=False)}
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(f"/{each.path}", {})[each.method] = _operation(each, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pamong",
            "version": VERSION,
            "description": "Every request is made by one person, with a token of JupyterHub.",
        },
        "servers": [{"url": "/services/pamong/api/v1"}],
        "security": [{"hub": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "hub": {"type": "apiKey", "in": "header", "name": "Authorization"},
            },
            "schemas": dict(sorted(components.items())),
        },
    }


def _operation(each: Operation, known: dict[int, Any]) -> dict[str, Any]:
    parameters = [_parameter(name) for name in each.names]
    if each.since:
        schema = {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0}
        parameters.append({"name": "since", "in": "query", "required": False, "schema": schema})
    made: dict[str, Any] = {
        "operationId": _name(each),
        "summary": each.summary,
        "description": _whose(each),
        "parameters": parameters,
        "responses": {"200": {"description": "Done", "content": _content(each.gives, known)}},
    }
    if each.takes is not None:
        made["requestBody"] = {
            "required": True,
            "description": f"At most {each.limit} bytes",
            "content": _content(each.takes, known),
        }
    for status in each.statuses:
        told = _MEANINGS.get(status) or HTTPStatus(status).phrase
        body = {} if status == 304 else {"content": _TROUBLE}
        made["responses"][str(status)] = {"description": told, **body}
    return made


def _parameter(name: str) -> dict[str, Any]:
    pattern = PARAMETERS[name]
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": f"^{pattern[1:-1]}$", "minLength": 1},
    }


def _content(kind: Any, known: dict[int, Any]) -> dict[str, Any]:
    if isinstance(kind, str):
        return {kind: {"schema": {"type": "string"}}}
    return {"application/json": {"schema": known[id(kind)]}}


def _whose(each: Operation) -> str:
    return f"For {' and '.join(each.roles)}." if each.roles else "For everybody who is active."


def _name(each: Operation) -> str:
    words = re.findall("[a-z]+", each.path)
    return "".join([each.method, *map(str.title, words)])


def _is_json(kind: Any) -> bool:
    return kind is not None and not isinstance(kind, str)
