"""Logical plans of a query, node by node: which classes of Spark's may stand in one, as parsed and as analyzed."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, cast

from py4j.java_gateway import is_instance_of
from pyspark import SparkContext

from etl.contract.query_functions import FUNCTIONS

MAX_NODES = 5000  # nodes; each takes some calls to the JVM, and a contract's query has some dozens
NO_TABLES: frozenset[str] = frozenset()


def _split_names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHARED = _split_names("""
    Project Filter Aggregate Join SubqueryAlias Union Intersect Except Distinct Sort GlobalLimit LocalLimit LimitAll Offset
    OneRowRelation
    """)
PARSED = SHARED | _split_names(
    "UnresolvedRelation UnresolvedSubqueryColumnAliases UnresolvedWith UnresolvedHaving WithWindowDefinition"
)
ANALYZED = SHARED | _split_names("View LocalRelation Window WithCTE CTERelationDef CTERelationRef")
EXPRESSIONS = _split_names("""
    Alias And Or Not EqualTo EqualNullSafe GreaterThan GreaterThanOrEqual LessThan LessThanOrEqual Between In InSubquery
    IsNull IsNotNull Like ILike RLike LikeAll LikeAny NotLikeAll NotLikeAny
    Add Subtract Multiply Divide Remainder IntegralDivide UnaryMinus UnaryPositive
    BitwiseAnd BitwiseOr BitwiseXor BitwiseNot Cast CaseWhen Concat CreateNamedStruct Literal LambdaFunction
    Overlay StringLocate StringTrim StringTrimLeft StringTrimRight Substring TimestampAdd TimestampDiff
    Exists ListQuery ScalarSubquery SortOrder
    WindowExpression WindowSpecDefinition SpecifiedWindowFrame UnspecifiedFrame$ CurrentRow$ UnboundedPreceding$
    UnboundedFollowing$
    """)
UNRESOLVED = EXPRESSIONS | _split_names("""
    UnresolvedAlias UnresolvedAttribute UnresolvedExtractValue UnresolvedFunction UnresolvedNamedLambdaVariable
    UnresolvedOrdinal UnresolvedStar UnresolvedStarExceptOrReplace UnresolvedWindowExpression WindowSpecReference
    """)
# What names, operators and coercion come to, beside the classes of the functions themselves.
RESOLVED = EXPRESSIONS | _split_names("""
    AttributeReference OuterReference LateralColumnAliasReference NamedLambdaVariable AggregateExpression
    With CommonExpressionDef CommonExpressionRef GetStructField GetArrayStructFields GetArrayItem GetMapValue
    ExtractANSIIntervalDays SubtractDates SubtractTimestamps DateAddInterval DateAddYMInterval TimestampAddInterval
    TimestampAddYMInterval MultiplyYMInterval MultiplyDTInterval MultiplyInterval DivideYMInterval DivideDTInterval
    DivideInterval RoundCeil RoundFloor Ceil Floor
    """)
REPLACED = "org.apache.spark.sql.catalyst.expressions.InheritAnalysisRules"
OPERATORS = _split_names("between")  # parsed as functions
BUILDER = re.compile(r"(?:Expression)?Builder$")


def parsed_plan_fault(plan: Any, batch: str) -> str | None:
    """Say why a parsed plan is more than one SELECT over the table `batch`; None where it is not."""
    pending, reads = [(plan, NO_TABLES)], False
    for _ in range(MAX_NODES):
        if not pending:
            return None if reads else "it reads no row of {batch}"
        node, tables = pending.pop()
        name = _class_name(node)
        if fault := _parsed_fault(node, name, batch, tables):
            return fault
        reads = reads or (name == "UnresolvedRelation" and _name_parts(node.multipartIdentifier()) == [batch])
        pending += _parsed_children(node, name, tables)
    return f"it has more than {MAX_NODES} parts"


def analyzed_plan_fault(plan: Any) -> str | None:
    """Say what the names of a parsed plan that was judged stand for where that is no column; None where all are."""
    pending = [plan]
    for _ in range(MAX_NODES):
        if not pending:
            return None
        node = pending.pop()
        name = _class_name(node)
        if name in ANALYZED or name in RESOLVED:
            pending += _child_nodes(node, name in ANALYZED)
        elif name not in _function_classes():
            return f"it uses {name.rstrip('$')}"
        else:  # what a function is replaced by is Spark's own
            pending += (
                _iterate_scala(node.parameters())
                if is_instance_of(_jvm_gateway(), node, REPLACED)
                else _child_nodes(node, False)
            )
    return f"it has more than {MAX_NODES} parts"


def _parsed_fault(node: Any, name: str, batch: str, tables: frozenset[str]) -> str | None:
    if name not in PARSED and name not in UNRESOLVED:
        return f"it uses {name.rstrip('$')}"
    if name == "UnresolvedRelation":
        return _relation_fault(node, batch, tables)
    if name == "UnresolvedFunction" and (name_parts := [part.lower() for part in _name_parts(node.nameParts())]):
        is_allowed = len(name_parts) == 1 and name_parts[0] in FUNCTIONS.keys() | OPERATORS
        return None if is_allowed else f"it calls {'.'.join(name_parts)}"
    if name == "UnresolvedWith" and node.allowRecursion():
        return "it uses WITH RECURSIVE"
    if name == "UnresolvedStarExceptOrReplace" and not node.replacements().isEmpty():
        return "it uses * REPLACE"
    return None


def _relation_fault(node: Any, batch: str, tables: frozenset[str]) -> str | None:
    parts = _name_parts(node.multipartIdentifier())
    if not node.options().isEmpty() or node.isStreaming():
        return f"it reads {'.'.join(parts)} with options or as a stream"
    is_readable = parts == [batch] or (len(parts) == 1 and parts[0].isascii() and parts[0].lower() in tables)
    return None if is_readable else f"it reads {'.'.join(parts)}, which is neither {{batch}} nor a WITH of the query"


def _parsed_children(node: Any, name: str, tables: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
    """Yield what stands below a node, each with the common table expressions that it may name."""
    if name == "UnresolvedWith":
        for relation in _iterate_scala(node.cteRelations()):
            yield relation._2(), tables
            tables |= {relation._1().lower()}
        yield node.child(), tables
        return
    windows = _iterate_scala(node.windowDefinitions().values()) if name == "WithWindowDefinition" else ()
    for child in (*_child_nodes(node, name in PARSED), *windows):
        yield child, tables


def _child_nodes(node: Any, is_plan: bool) -> Iterator[Any]:
    yield from _iterate_scala(node.children())
    yield from _iterate_scala(node.innerChildren())  # the plans of subqueries
    if is_plan:
        yield from _iterate_scala(node.expressions())


def _iterate_scala(collection: Any) -> Iterator[Any]:
    """Yield what a collection of Scala's holds."""
    values = collection.iterator()
    while values.hasNext():
        yield values.next()


def _name_parts(name: Iterable[Any]) -> list[str]:
    return [str(part) for part in _iterate_scala(name)]


def _class_name(node: Any) -> str:
    return node.getClass().getName().rpartition(".")[2]


def _jvm_gateway() -> Any:
    return cast(Any, SparkContext)._gateway


@cache
def _function_classes() -> frozenset[str]:
    """Return the classes that the allowed functions are made of, as Spark itself registers them."""
    catalyst = _jvm_gateway().jvm.org.apache.spark.sql.catalyst
    registry = catalyst.analysis.FunctionRegistry.builtin()
    builders = [registry.lookupFunction(catalyst.FunctionIdentifier(name)) for name in FUNCTIONS]
    names = [builder.get().getClassName().rpartition(".")[2] for builder in builders if not builder.isEmpty()]
    return frozenset(BUILDER.sub("", name) for name in names)
