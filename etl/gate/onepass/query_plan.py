"""Logical plans of a query, node by node: which classes of Spark's may stand in one, as parsed and as analyzed."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, cast

from py4j.java_gateway import is_instance_of
from pyspark import SparkContext

from etl.contract.query_functions import FUNCTIONS

MOST = 5000  # nodes; each takes some calls to the JVM, and a contract's query has some dozens
NO_TABLES: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHARED = _words("""
    Project Filter Aggregate Join SubqueryAlias Union Intersect Except Distinct Sort GlobalLimit LocalLimit LimitAll Offset
    OneRowRelation
    """)
PARSED = SHARED | _words(
    "UnresolvedRelation UnresolvedSubqueryColumnAliases UnresolvedWith UnresolvedHaving WithWindowDefinition"
)
ANALYZED = SHARED | _words("View LocalRelation Window WithCTE CTERelationDef CTERelationRef")
EXPRESSIONS = _words("""
    Alias And Or Not EqualTo EqualNullSafe GreaterThan GreaterThanOrEqual LessThan LessThanOrEqual Between In InSubquery
    IsNull IsNotNull Like ILike RLike LikeAll LikeAny NotLikeAll NotLikeAny
    Add Subtract Multiply Divide Remainder IntegralDivide UnaryMinus UnaryPositive
    BitwiseAnd BitwiseOr BitwiseXor BitwiseNot Cast CaseWhen Concat CreateNamedStruct Literal LambdaFunction
    Overlay StringLocate StringTrim StringTrimLeft StringTrimRight Substring TimestampAdd TimestampDiff
    Exists ListQuery ScalarSubquery SortOrder
    WindowExpression WindowSpecDefinition SpecifiedWindowFrame UnspecifiedFrame$ CurrentRow$ UnboundedPreceding$
    UnboundedFollowing$
    """)
UNRESOLVED = EXPRESSIONS | _words("""
    UnresolvedAlias UnresolvedAttribute UnresolvedExtractValue UnresolvedFunction UnresolvedNamedLambdaVariable
    UnresolvedOrdinal UnresolvedStar UnresolvedStarExceptOrReplace UnresolvedWindowExpression WindowSpecReference
    """)
# What names, operators and coercion come to, beside the classes of the functions themselves.
RESOLVED = EXPRESSIONS | _words("""
    AttributeReference OuterReference LateralColumnAliasReference NamedLambdaVariable AggregateExpression
    With CommonExpressionDef CommonExpressionRef GetStructField GetArrayStructFields GetArrayItem GetMapValue
    ExtractANSIIntervalDays SubtractDates SubtractTimestamps DateAddInterval DateAddYMInterval TimestampAddInterval
    TimestampAddYMInterval MultiplyYMInterval MultiplyDTInterval MultiplyInterval DivideYMInterval DivideDTInterval
    DivideInterval RoundCeil RoundFloor Ceil Floor
    """)
REPLACED = "org.apache.spark.sql.catalyst.expressions.InheritAnalysisRules"
OPERATORS = _words("between")  # parsed as functions
BUILDER = re.compile(r"(?:Expression)?Builder$")


def of_parsed(plan: Any, batch: str) -> str | None:
    """Say why a parsed plan is more than one SELECT over the table `batch`; None where it is not."""
    left, reads = [(plan, NO_TABLES)], False
    for _ in range(MOST):
        if not left:
            return None if reads else "it reads no row of {batch}"
        node, tables = left.pop()
        name = _class(node)
        if fault := _parsed_fault(node, name, batch, tables):
            return fault
        reads = reads or (name == "UnresolvedRelation" and _parts(node.multipartIdentifier()) == [batch])
        left += _parsed_below(node, name, tables)
    return f"it has more than {MOST} parts"


def of_analyzed(plan: Any) -> str | None:
    """Say what the names of a parsed plan that was judged stand for where that is no column; None where all are."""
    left = [plan]
    for _ in range(MOST):
        if not left:
            return None
        node = left.pop()
        name = _class(node)
        if name in ANALYZED or name in RESOLVED:
            left += _below(node, name in ANALYZED)
        elif name not in _classes():
            return f"it uses {name.rstrip('$')}"
        else:  # what a function is replaced by is Spark's own
            left += _each(node.parameters()) if is_instance_of(_gateway(), node, REPLACED) else _below(node, False)
    return f"it has more than {MOST} parts"


def _parsed_fault(node: Any, name: str, batch: str, tables: frozenset[str]) -> str | None:
    if name not in PARSED and name not in UNRESOLVED:
        return f"it uses {name.rstrip('$')}"
    if name == "UnresolvedRelation":
        return _relation_fault(node, batch, tables)
    if name == "UnresolvedFunction" and (name_parts := [part.lower() for part in _parts(node.nameParts())]):
        is_allowed = len(name_parts) == 1 and name_parts[0] in FUNCTIONS.keys() | OPERATORS
        return None if is_allowed else f"it calls {'.'.join(name_parts)}"
    if name == "UnresolvedWith" and node.allowRecursion():
        return "it uses WITH RECURSIVE"
    if name == "UnresolvedStarExceptOrReplace" and not node.replacements().isEmpty():
        return "it uses * REPLACE"
    return None


def _relation_fault(node: Any, batch: str, tables: frozenset[str]) -> str | None:
    parts = _parts(node.multipartIdentifier())
    if not node.options().isEmpty() or node.isStreaming():
        return f"it reads {'.'.join(parts)} with options or as a stream"
    is_readable = parts == [batch] or (len(parts) == 1 and parts[0].isascii() and parts[0].lower() in tables)
    return None if is_readable else f"it reads {'.'.join(parts)}, which is neither {{batch}} nor a WITH of the query"


def _parsed_below(node: Any, name: str, tables: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
    """Yield what stands below a node, each with the common table expressions that it may name."""
    if name == "UnresolvedWith":
        for relation in _each(node.cteRelations()):
            yield relation._2(), tables
            tables |= {relation._1().lower()}
        yield node.child(), tables
        return
    windows = _each(node.windowDefinitions().values()) if name == "WithWindowDefinition" else ()
    for child in (*_below(node, name in PARSED), *windows):
        yield child, tables


def _below(node: Any, is_plan: bool) -> Iterator[Any]:
    yield from _each(node.children())
    yield from _each(node.innerChildren())  # the plans of subqueries
    if is_plan:
        yield from _each(node.expressions())


def _each(collection: Any) -> Iterator[Any]:
    """Yield what a collection of Scala's holds."""
    values = collection.iterator()
    while values.hasNext():
        yield values.next()


def _parts(name: Iterable[Any]) -> list[str]:
    return [str(part) for part in _each(name)]


def _class(node: Any) -> str:
    return node.getClass().getName().rpartition(".")[2]


def _gateway() -> Any:
    return cast(Any, SparkContext)._gateway


@cache
def _classes() -> frozenset[str]:
    """Return the classes that the allowed functions are made of, as Spark itself registers them."""
    catalyst = _gateway().jvm.org.apache.spark.sql.catalyst
    registry = catalyst.analysis.FunctionRegistry.builtin()
    builders = [registry.lookupFunction(catalyst.FunctionIdentifier(name)) for name in FUNCTIONS]
    names = [builder.get().getClassName().rpartition(".")[2] for builder in builders if not builder.isEmpty()]
    return frozenset(BUILDER.sub("", name) for name in names)
