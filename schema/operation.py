"""Which operation of a document is run: the one the request names, or the only one there is."""

from collections.abc import Iterator

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import ParserCache


class OneOperation(ParserCache):
    """Parses, and refuses an undetermined operation: Strawberry alone would run the first one."""

    def on_parse(self) -> Iterator[None]:
        execution = self.execution_context
        asked_for = execution.operation_name  # before parsing this is the request's own word, or None
        yield from super().on_parse()
        definitions = execution.graphql_document.definitions if execution.graphql_document else ()
        names = [node.name and node.name.value for node in definitions if isinstance(node, OperationDefinitionNode)]
        if not names:
            raise _undetermined("The document has no operation.")
        if asked_for is None and len(names) != 1:
            raise _undetermined(f"The document has {len(names)} operations: say which by operationName.")
        if asked_for is not None and asked_for not in names:
            raise _undetermined("The document has no operation of the name in operationName.")
        if execution.context is not None:
            execution.context.operation_name = execution.operation_name


def _undetermined(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})
