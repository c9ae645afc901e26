"""Holds an exchange with GitHub against GitHub's own interface description: tests/contracts/README.md names the source.

    problems(exchange.record())         # [] where it conforms

It cannot see: line 0, a wrong `side` in a review's comments, start_line > line, a line outside the diff, an empty
COMMENT review, approving one's own pull request. The fake GitHub refuses those.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema
from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONTRACTS = Path(__file__).with_name("contracts")
GREEDY = frozenset({"path", "ref", "basehead"})
ANYWHERE = frozenset({400, 401, 403, 404, 409, 422, 429, 500, 501, 502, 503, 504})
"""Statuses that any operation may answer, documented for it or not: they carry GitHub's plain error."""

Json = dict[str, Any]


def problems(record: Mapping[str, Any]) -> list[str]:
    """What is wrong with one exchange, request and response; nothing where it conforms."""
    return [*request_problems(record), *response_problems(record)]


def request_problems(record: Mapping[str, Any], *, closed: bool = True) -> list[str]:
    """What is wrong with the request. `closed` refuses undeclared keys in its body, which GitHub itself ignores."""
    if _is_graphql(record):
        return _graphql_problems(record.get("body"))
    found = _find(record)
    if found is None:
        return [f"no such operation: {record['method']} {record['path']}"]
    operation, in_path = found
    in_query = dict(parse_qsl(urlsplit(record["path"]).query))
    parameters = _parameter_problems(operation, {"path": in_path, "query": in_query})
    return [*parameters, *_body_problems(operation, record.get("body"), closed=closed)]


def response_problems(record: Mapping[str, Any]) -> list[str]:
    """What is wrong with the response; nothing for an answer without a (JSON) body."""
    status, response = record.get("status"), record.get("response")
    found = None if _is_graphql(record) else _find(record)
    if status is None or found is None:
        return []
    declared = found[0]["responses"].get(str(status))
    if declared is None:
        if status not in ANYWHERE:
            return [f"response: status {status} is not documented"]
        return [] if response is None else _errors({"$ref": "#/components/schemas/basic-error"}, response, "response")
    content = _resolve(declared).get("content", {}).get("application/json")
    return _errors(content["schema"], response, "response") if content and response is not None else []


@functools.cache
def graphql_schema() -> GraphQLSchema:
    """GitHub's GraphQL schema, cut down to what a reviewer uses."""
    return build_schema((CONTRACTS / "github-graphql.graphql").read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=256)
def graphql_document(query: str) -> tuple[DocumentNode, tuple[GraphQLError, ...]]:
    """The query, and what GitHub's schema has against it; one that cannot be read raises `GraphQLError`."""
    document = parse(query)
    return document, tuple(validate(graphql_schema(), document))


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    pattern: re.Pattern[str]
    operation: Json


@functools.cache
def _spec() -> Json:
    spec: Json = json.loads((CONTRACTS / "github-rest.json").read_text(encoding="utf-8"))
    return spec


@functools.cache
def _routes() -> tuple[_Route, ...]:
    """The more literal a template the earlier it is tried: /commits/{ref}/status before /commits/{ref}."""

    def vagueness(template: str) -> tuple[int, int, int, str]:
        names = re.findall(r"\{([a-z_]+)\}", template)
        return len(GREEDY & set(names)), len(names), -template.count("/"), template

    return tuple(
        _Route(method.upper(), _pattern(template), operation)
        for template in sorted(_spec()["paths"], key=vagueness)
        for method, operation in _spec()["paths"][template].items()
    )


def _pattern(template: str) -> re.Pattern[str]:
    def parts() -> Iterator[str]:
        for part in re.split(r"(\{[a-z_]+\})", template):
            name = part[1:-1]
            is_name = part.startswith("{")
            yield f"(?P<{name}>{'.+' if name in GREEDY else '[^/]+'})" if is_name else re.escape(part)

    return re.compile("".join(parts()))


def _is_graphql(record: Mapping[str, Any]) -> bool:
    return urlsplit(str(record["path"])).path.endswith("/graphql")


def _find(record: Mapping[str, Any]) -> tuple[Json, dict[str, str]] | None:
    path = urlsplit(record["path"]).path.removeprefix("/api/v3")
    for route in _routes():
        match = route.pattern.fullmatch(path)
        if match and route.method == record["method"].upper():
            return route.operation, {name: unquote(value) for name, value in match.groupdict().items()}
    return None


def _resolve(node: Json) -> Json:
    while "$ref" in node:
        target = _spec()
        for key in node["$ref"][2:].split("/"):
            target = target[key]
        node = target
    return node


def _parameter_problems(operation: Json, given: Mapping[str, Mapping[str, str]]) -> list[str]:
    found: list[str] = []
    for parameter in map(_resolve, operation.get("parameters", [])):
        value: Any = given.get(parameter["in"], {}).get(parameter["name"])
        kind = parameter.get("schema", {}).get("type")
        if value is None or kind == "array":
            continue
        if kind == "integer" and re.fullmatch(r"-?\d+", value):
            value = int(value)
        elif kind == "boolean":
            value = {"true": True, "false": False}.get(value, value)
        found += _errors(parameter["schema"], value, f"{parameter['in']} {parameter['name']}")
    return found


def _body_problems(operation: Json, body: Any, *, closed: bool) -> list[str]:
    declared = operation.get("requestBody")
    if declared and (body is not None or declared.get("required")):
        schema = _resolve(declared)["content"]["application/json"]["schema"]
        return _errors(schema, body, "request", closed=closed)
    if body not in (None, {}, "") and not declared:
        return ["request: this operation takes no body"]
    return []


def _errors(schema: Json, value: Any, what: str, *, closed: bool = False) -> list[str]:
    found = _validator(json.dumps(schema, sort_keys=True), closed).iter_errors(value)
    return [f"{what} {'/'.join(map(str, error.path)) or '<all of it>'}: {error.message[:160]}" for error in found]


@functools.cache
def _validator(schema: str, closed: bool) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({**_json_schema(json.loads(schema), closed), "components": _components()})


@functools.cache
def _components() -> Json:
    components: Json = _json_schema(_spec()["components"], closed=False)
    return components


def _json_schema(node: Any, closed: bool) -> Any:
    """OpenAPI 3.0 to JSON Schema: `nullable` becomes a null branch; `closed` refuses undeclared keys."""
    if isinstance(node, list):
        return [_json_schema(item, closed) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _json_schema(value, closed) for key, value in node.items() if key != "discriminator"}
    nullable = node.pop("nullable", False)
    composed = any(key in node for key in ("oneOf", "anyOf", "allOf"))
    if closed and node.get("type") == "object" and "properties" in node and not composed:
        node.setdefault("additionalProperties", False)
    return {"anyOf": [node, {"type": "null"}]} if nullable is True else node


def _graphql_problems(body: Any) -> list[str]:
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return ["graphql: the body has no query"]
    try:
        document, wrong = graphql_document(body["query"])
    except GraphQLError as error:
        return [f"graphql: {error.message}"]
    found = list(wrong)
    if not found:
        operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        variables = get_variable_values(
            graphql_schema(), operation.variable_definitions or (), body.get("variables") or {}
        )
        found = variables if isinstance(variables, list) else []
    return [f"graphql: {problem.message}" for problem in found]
