"""What a contract's query may do, as far as that shows without Spark: for `lint` and the program, which refuse before a run.

The run's own judge is Spark (`etl/gate/onepass/query_judge.py`). This one may refuse more and must never allow more: whatever
it does not know is refused. It takes expressions of sqlglot's by class and by clause, functions by name and number
of arguments, columns by name.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from sqlglot import exp, parse
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from components.settings.query_tokens import token_faults
from etl.contract.query_functions import FUNCTIONS
from etl.contract.query_text import fault_of_text, substitute_batch

TABLE = "batch_of_rows"
AMBIGUOUS_TEXT = {
    "\\\n": "a line that ends in a backslash",
    "\\\r": "a line that ends in a backslash",
    "``": "a doubled backtick",
}
"""What sqlglot and Spark may read differently."""
SYNTAX: Mapping[type[exp.Expr], str] = {
    exp.Select: "expressions from_ joins where group having order limit offset distinct windows with_",
    exp.Union: "this expression distinct with_ order limit offset",
    exp.Except: "this expression distinct with_ order limit offset",
    exp.Intersect: "this expression distinct with_ order limit offset",
    exp.Subquery: "this alias with_",
    exp.With: "expressions",
    exp.CTE: "this alias",
    exp.TableAlias: "this",
    exp.Table: "this alias",
    exp.From: "this",
    exp.Join: "this kind side method on using",
    exp.Where: "this",
    exp.Group: "expressions",
    exp.Having: "this",
    exp.Order: "expressions",
    exp.Ordered: "this desc nulls_first",
    exp.Limit: "expression",
    exp.Offset: "expression",
    exp.Distinct: "expressions",
    exp.Window: "this partition_by order spec alias over",
    exp.WindowSpec: "kind start start_side end end_side",
    exp.Filter: "this expression",
    exp.Star: "except_",
    exp.Column: "this table",
    exp.Alias: "this alias",
    exp.Identifier: "this quoted",
    exp.Literal: "this is_string",
    exp.Like: "this expression negate",
    exp.ILike: "this expression negate",
    exp.In: "this expressions query",
    exp.Between: "this low high",
    exp.Interval: "this unit",
    exp.DataType: "this expressions nested",
    exp.Lambda: "this expressions",
    exp.DPipe: "this expression safe",
    exp.Div: "this expression safe typed",
    **dict.fromkeys(
        (exp.Paren, exp.Not, exp.Neg, exp.BitwiseNot, exp.Boolean, exp.Null, exp.Var, exp.DataTypeParam), "this"
    ),
    **dict.fromkeys((exp.Tuple, exp.Bracket), "this expressions safe"),
    **dict.fromkeys(
        (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is), "this expression"
    ),
    **dict.fromkeys(
        (exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.IntDiv, exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor),
        "this expression",
    ),
}
"""What an expression may be that is no function, each with the clauses that it may have."""
SYNTAX_FUNCTIONS = (exp.And, exp.Or, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.Exists, exp.Extract)
"""Functions of sqlglot's that Spark has as syntax."""


def query_refusal(query: str, columns: Sequence[str]) -> str | None:
    """Say why a query may not run; None where it may, as far as this shows.

    Args:
        query: SQL with `{batch}` for the rows' table, as the contract has it.
        columns: the names of that table's columns.
    """
    if TABLE in query.lower():
        return f"it holds {TABLE}, the name that {{batch}} has here"
    try:
        return fault_of_text(query) or next(_query_faults(substitute_batch(query, TABLE), columns), None)
    except (SqlglotError, RecursionError, ValueError) as error:
        return f"it cannot be read: {str(error).partition(chr(10))[0]}".replace(TABLE, "{batch}")


def _query_faults(text: str, columns: Sequence[str]) -> Iterator[str]:
    yield from (f"it holds {description}" for sign, description in AMBIGUOUS_TEXT.items() if sign in text)
    yield from token_faults(Spark().tokenize(text))
    statements = [parsed for parsed in parse(text, dialect=Spark) if parsed is not None]
    if len(statements) != 1:
        yield f"it is {len(statements)} statements"
    [statement] = statements
    for node in statement.walk():
        yield from _node_faults(node)
    tables = [table.name for table in statement.find_all(exp.Table)]
    yield from _table_faults(statement, frozenset())
    if TABLE not in tables:
        yield "it reads no row of {batch}"
    qualify(statement, dialect=Spark, schema={TABLE: dict.fromkeys(columns, "string")})


def _node_faults(node: exp.Expr) -> Iterator[str]:
    kind = type(node)
    if kind in SYNTAX:
        clauses = {name for name, value in node.args.items() if value not in (None, [], False)}
        for clause in sorted(clauses - set(SYNTAX[kind].split())):
            yield f"it uses {clause.strip('_')} with {kind.__name__.lower()}"
    elif kind not in SYNTAX_FUNCTIONS and kind not in _allowed_functions():
        yield f"it uses {kind.__name__}"
    elif kind is exp.Anonymous and str(node.this).lower() not in FUNCTIONS:
        yield f"it calls {node.this}"


def _table_faults(node: exp.Expr, tables: frozenset[str]) -> Iterator[str]:
    """Yield the tables below a node that are neither the batch nor one of `tables`, the common table expressions above it."""
    if isinstance(node, exp.Table):
        name = node.name
        if not isinstance(node.this, exp.Identifier) or (name != TABLE and name.lower() not in tables):
            yield f"it reads {node.sql(Spark)}, which is neither {{batch}} nor a WITH of the query"
    common = node.args.get("with_")
    for expression in common.expressions if common else ():
        yield from _table_faults(expression.this, tables)
        tables |= {expression.alias.lower()}
    for child in node.iter_expressions():
        if child is not common:
            yield from _table_faults(child, tables)


@cache
def _allowed_functions() -> frozenset[type[exp.Expr]]:
    """Return the classes that sqlglot makes of calls of the functions on the list."""
    classes: set[type[exp.Expr]] = set()
    for name, (least, _) in FUNCTIONS.items():
        if name not in ("cast", "extract"):
            call = f"SELECT {name}({', '.join(f'a{number}' for number in range(least))})"
            for expression in parse(call, dialect=Spark):
                classes |= (
                    {type(node) for node in expression.walk() if isinstance(node, exp.Func)} if expression else set()
                )
    return frozenset(classes)
