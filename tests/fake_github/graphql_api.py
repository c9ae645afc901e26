"""GraphQL: documents are executed by graphql-core on GitHub's schema, as one token sees the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from github_contract import graphql_document, graphql_schema
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    execute_sync,
    parse,
)

from fake_github.answers import Answer, Json, Refused
from fake_github.graphql_mutations import Mutations
from fake_github.graphql_views import Views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_github.limits import Gate, Limits
    from fake_github.people import Token
    from fake_github.state import State

NODES = 500_000
"""What one query may touch: https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api"""


def is_mutation(body: Any) -> bool:
    """Whether the request changes something; GitHub counts only then a write."""
    try:
        document = parse(body["query"])
    except (GraphQLError, KeyError, TypeError):
        return False
    return any(operation.operation is OperationType.MUTATION for operation in _operations(document))


def answer(state: State, limits: Limits, gate: Gate, token: Token | None, body: Any) -> Answer:
    """Always 200 for whoever is known: what went wrong is in `errors`."""
    if token is None:
        raise Refused(401, "This endpoint requires you to be authenticated.")
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise Refused(400, "Problems parsing JSON")
    variables = body.get("variables") or {}
    try:
        document, wrong = graphql_document(body["query"])
        problems = list(wrong) or _excess(document, variables)
    except GraphQLError as error:
        problems = [error]
    if problems:
        return Answer({"errors": [_form(problem) for problem in problems]})
    views = Views(state, token, limits)
    root = {**_queries(views, gate), **Mutations(views).fields()}
    result = execute_sync(graphql_schema(), document, root, variable_values=variables)
    for problem in result.errors or ():
        if problem.original_error is not None and not isinstance(problem.original_error, GraphQLError):
            raise problem.original_error  # a bug of the fake keeps its traceback
    errors = {"errors": [_form(problem) for problem in result.errors]} if result.errors else {}
    return Answer({"data": result.data, **errors})


def _queries(views: Views, gate: Gate) -> Json:
    def repository(_: Any, owner: str, name: str, **_ignored: bool) -> Json:
        return views.repository(f"{owner}/{name}")

    def nodes(_: Any, ids: list[str]) -> list[Json]:
        return [views.node(node_id) for node_id in ids]

    def rate_limit(_: Any, **_ignored: bool) -> Json:
        used = gate.state(views.token.value, views.state.now())
        return {"cost": 1, "remaining": used["remaining"], "resetAt": views.state.timestamp()}

    return {
        "id": "Q_root",
        "viewer": lambda _: views.actor(views.token.user, "User"),
        "repository": repository,
        "node": lambda _, id: views.node(id),  # noqa: A006 - GitHub's name
        "nodes": nodes,
        "rateLimit": rate_limit,
    }


def _form(problem: GraphQLError) -> Json:
    """GitHub writes the kind of an error beside its message."""
    form: Json = dict(problem.formatted)
    extensions = dict(form.pop("extensions", {}))
    return {**extensions, **form}


def _operations(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    return (node for node in document.definitions if isinstance(node, OperationDefinitionNode))


def _excess(document: DocumentNode, variables: Json) -> list[GraphQLError]:
    """A query that could touch too many nodes is refused before it runs."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    total = sum(_touched(node.selection_set, 1, fragments, variables) for node in _operations(document))
    if total <= NODES:
        return []
    message = f"This query requests up to {total:,} possible nodes which exceeds the maximum limit of {NODES:,}."
    return [GraphQLError(message, extensions={"type": "MAX_NODE_LIMIT_EXCEEDED"})]


def _touched(
    selected: SelectionSetNode | None, times: int, fragments: dict[str, FragmentDefinitionNode], variables: Json
) -> int:
    total = 0
    for node in selected.selections if selected else ():
        inner, each = getattr(node, "selection_set", None), times
        if isinstance(node, FragmentSpreadNode):
            inner = fragments[node.name.value].selection_set
        elif isinstance(node, FieldNode):
            size = _page_size(node, variables)
            each = times * (size or 1)
            total += each if size else 0
        total += _touched(inner, each, fragments, variables)
    return total


def _page_size(node: FieldNode, variables: Json) -> int | None:
    for argument in node.arguments or ():
        if argument.name.value in ("first", "last"):
            if isinstance(argument.value, IntValueNode):
                return int(argument.value.value)
            if isinstance(argument.value, VariableNode):
                return variables.get(argument.value.name.value)
    return None
