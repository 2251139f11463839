"""Redshift: off unless a stack wants it, then closed, bounded, and loaded by SQL that is safe to repeat."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import pulumi
import pytest
from sqlglot import exp, parse, parse_one

from components.readers.warehouse_tables import forget_sql, load_sql, procedure_sql, table_sql
from components.settings.config_reader import BadConfiguration
from components.settings.contracts import DeployedContract, load_contract
from etl.contract.loading import contract_of
from sluice.program.bill.bill import monthly_bill
from sluice.program.graph import FakeCloud, Graph, run_program
from sluice.program.policies import broken_policies
from tests.lake import LAKE
from tests.program.altered import GONE, altered_graph

REDSHIFT_OPTIONS = {
    "sluice:redshift": "true",
    "sluice:redshift_subnets": "subnet-1, subnet-2,subnet-3",
    "sluice:redshift_security_groups": "sg-1",
}
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:redshift!x"
NAME_PREFIX = "readers-redshift-"
WORKGROUP, NAMESPACE, LIMIT = f"{NAME_PREFIX}workgroup", f"{NAME_PREFIX}namespace", f"{NAME_PREFIX}limit"
GOLD = contract_of(json.loads((LAKE / "expectations" / "trades_daily" / "output.json").read_text()))
MONDAY = ("EU-WEST", "2025-01-13", "tools", 2, 3, "59.98", 2, "29.99")
TUESDAY = ("EU-WEST", "2025-01-14", "tools", 1, 1, "10.00", 1, "10.00")
Row = tuple[Any, ...]


class WithSecret(FakeCloud):
    """A cloud in which a namespace keeps its administrator's password."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        identity, outputs = super().new_resource(args)
        return identity, outputs | ({"adminPasswordSecretArn": SECRET} if args.typ.endswith(":Namespace") else {})


@pytest.fixture(scope="module")
def on() -> Graph:
    """The stack prod, with a warehouse."""
    return run_program("prod", WithSecret(), REDSHIFT_OPTIONS)


def test_it_is_off_unless_a_stack_wants_it(graph: Graph) -> None:
    assert not [node.type for node in graph.nodes.values() if "redshift" in node.type.lower()]


def test_a_stack_with_a_warehouse_holds_to_every_policy(on: Graph) -> None:
    assert broken_policies(on) == {}


@pytest.mark.parametrize(
    ("rule", "name", "path", "to"),
    [
        ("redshift.closed", WORKGROUP, ("publiclyAccessible",), True),
        ("redshift.closed", WORKGROUP, ("enhancedVpcRouting",), GONE),
        ("redshift.closed", WORKGROUP, ("subnetIds",), ["subnet-1", "subnet-2"]),
        ("redshift.closed", WORKGROUP, ("securityGroupIds",), []),
        ("redshift.closed", WORKGROUP, ("configParameters", 0, "parameterValue"), "false"),
        ("redshift.bounded", LIMIT, ("breachAction",), "log"),
        ("redshift.bounded", LIMIT, ("period",), "monthly"),
        ("redshift.secret", NAMESPACE, ("manageAdminPassword",), GONE),
        ("redshift.secret", NAMESPACE, ("kmsKeyId",), GONE),
        ("redshift.secret", NAMESPACE, ("adminPasswordSecretKmsKeyId",), "another"),
        ("redshift.secret", NAMESPACE, ("adminUsername",), "admin"),
        ("redshift.secret", NAMESPACE, ("dbName",), "dev"),
        ("redshift.secret", NAMESPACE, ("logExports",), ["useractivitylog"]),
    ],
)
def test_a_warehouse_that_breaks_a_policy_is_noticed(on: Graph, rule: str, name: str, path: Any, to: Any) -> None:
    assert rule in broken_policies(altered_graph(on, name, *path, to=to))


def test_it_may_read_gold_and_nothing_else(on: Graph) -> None:
    document = json.loads(on.node_named("aws:iam/rolePolicy:RolePolicy", f"{NAME_PREFIX}policy").inputs["policy"])
    arns = [arn for statement in document["Statement"] for arn in statement["Resource"]]
    objects = [arn for arn in arns if arn.startswith("arn:aws:s3:::") and "/" in arn]
    assert objects
    assert all("/parquet/trades_daily/" in arn for arn in objects)
    assert [arn for arn in arns if ":table/" in arn] == [
        "arn:aws:glue:eu-west-1:123456789012:table/sluice_prod/trades_daily"
    ]


def test_it_is_prepared_by_the_secret_one_statement_after_another(on: Graph) -> None:
    statements = [node for node in on.nodes.values() if node.type == "aws:redshiftdata/statement:Statement"]
    assert [node.name for node in statements] == [
        f"{NAME_PREFIX}schema",
        f"{NAME_PREFIX}table",
        f"{NAME_PREFIX}procedure",
    ]
    assert {node.inputs["secretArn"] for node in statements} == {SECRET}
    assert {node.inputs["database"] for node in statements} == {"lake"}
    limit = next(node.urn for node in on.nodes.values() if node.name == LIMIT)
    for node, before in zip(statements, [limit, *(resource.urn for resource in statements)], strict=False):
        assert before in node.depends_on


@pytest.mark.parametrize(
    ("key", "value", "takes"),
    [
        ("redshift", "yes", "true or false"),
        ("redshift_subnets", "subnet-1,subnet-2", "at least 3 subnets"),
        ("redshift_subnets", "subnet-1,subnet-1,subnet-1", "at least 3 subnets"),
        ("redshift_subnets", "vpc-1", "subnet-..."),
        ("redshift_security_groups", "", "at least one security group"),
        ("redshift_rpus", "12", "4, or a multiple of 8"),
        ("redshift_rpu_hours", "0", "a whole number from 1"),
        ("datasets", '{"trades": {}}', "redshift_datasets that name what it loads"),
        ("redshift_datasets", '["sale"]', "which lacks sale; it has buyers, goods, trades, trades_daily"),
        ("redshift_datasets", "trades", "a list of datasets, such as"),
        ("redshift_datasets", '["trades", "trades"]', "each dataset once"),
    ],
)
def test_a_warehouse_that_could_not_be_is_refused(key: str, value: str, takes: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        run_program("dev", changed={**REDSHIFT_OPTIONS, f"sluice:{key}": value})
    assert takes in str(refused.value)


UNLOADED: dict[str, tuple[dict[str, Any], str]] = {
    "rows without a key": ({"key": []}, r"has the key \[\]: name its columns, or"),
    "keys that are looked for so far back": (
        {"unique_within": 90},
        r"looks for keys no further back than unique_within",
    ),
    "lists": ({"lines": "array<int>"}, r"has lists or objects in lines: publish what is wanted of them as columns"),
}
"""What an output has, and why Redshift does not load it."""


@pytest.mark.parametrize("name", UNLOADED)
def test_what_redshift_cannot_load_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    change, expected = UNLOADED[name]

    def load_changed(name: str) -> DeployedContract:
        deployed = load_contract(name)
        output = json.loads(deployed.output)
        if "key" in change:
            output["meta"]["key"] = []
            output["expectations"] = [rule for rule in output["expectations"] if "unique" not in rule["type"]]
        elif "unique_within" in change:
            output["meta"]["unique_within"] = {"column": "transaction_date", "days": change["unique_within"]}
        else:
            output["meta"]["columns"].append({"name": "lines", "type": change["lines"], "description": "d"})
        return replace(deployed, output=json.dumps(output)) if name == "trades" else deployed

    monkeypatch.setattr("components.settings.stack_settings.load_contract", load_changed)
    changed = {**REDSHIFT_OPTIONS, "sluice:redshift_datasets": '["trades"]'}
    with pytest.raises(BadConfiguration, match=r"expectations/trades/output\.json " + expected):
        run_program("dev", changed=changed)


def test_it_is_on_the_bill_only_where_it_is(on: Graph, graphs: dict[str, Graph]) -> None:
    lines = {line.what: line for line in monthly_bill(on)}
    assert lines["redshift: compute"].usd > 1
    assert "at most" in lines["redshift: compute"].counted
    assert lines.keys() - {line.what for line in monthly_bill(graphs["prod"])} == {
        "redshift: compute",
        "redshift: storage",
        "redshift: secret",
    }


def test_the_schema_is_the_lakes_database(on: Graph) -> None:
    """`sqlglot` reads no CREATE EXTERNAL SCHEMA; its text is AWS's own example with our names."""
    sql = on.node_named("aws:redshiftdata/statement:Statement", f"{NAME_PREFIX}schema").inputs["sql"]
    assert sql.splitlines()[-1] == (
        "CREATE EXTERNAL SCHEMA IF NOT EXISTS lake FROM DATA CATALOG DATABASE 'sluice_prod' IAM_ROLE default"
    )


def test_the_table_has_golds_columns() -> None:
    table_statement = parse_one(table_sql(GOLD), dialect="redshift")
    column_types = {
        column_def.name: str(column_def.kind and column_def.kind.sql(dialect="spark")).lower()
        for column_def in table_statement.find_all(exp.ColumnDef)
    }
    kinds = {name: "string" if "varchar" in kind else kind.replace(" ", "") for name, kind in column_types.items()}
    assert kinds == {column.name: column.type for column in GOLD.columns}
    [key] = table_statement.find_all(exp.PrimaryKey)
    assert tuple(expression.name for expression in key.expressions) == GOLD.key


def test_the_procedure_is_the_load_behind_a_lock_and_nothing_else() -> None:
    """The lock comes before the first reading: a second call then reads what the first has written."""
    *_, body, language = procedure_sql(GOLD).split("$$")
    assert body.split() == ["BEGIN", "LOCK", "trades_daily;", *load_sql(GOLD).split(), "END;"]
    assert language.split() == ["LANGUAGE", "plpgsql"]


def test_the_load_takes_every_column_and_finds_rows_by_golds_key() -> None:
    [merge] = [statement for statement in load_statements() if isinstance(statement, exp.Merge)]
    first, second = merge.args["whens"].expressions
    updated = {expression.this.name for expression in first.args["then"].expressions}
    assert updated == set(GOLD.names) - set(GOLD.key)
    assert [expression.name for expression in second.args["then"].this.expressions] == GOLD.names
    assert {equality.left.name for equality in merge.args["on"].find_all(exp.EQ)} == set(GOLD.key)


def load_statements() -> list[exp.Expr]:
    """The load's statements as Redshift's dialect has them."""
    statements_of_load = [statement for statement in parse(load_sql(GOLD), dialect="redshift") if statement is not None]
    assert len(statements_of_load) == 6
    assert not [statement for statement in statements_of_load if isinstance(statement, exp.Command)]
    return statements_of_load


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with our table and, in place of the external schema, gold as a plain one."""
    with duckdb.connect() as db:
        table_statement = parse_one(table_sql(GOLD), dialect="redshift")
        db.execute(table_statement.sql(dialect="duckdb"))
        db.execute("CREATE SCHEMA lake")
        db.execute("CREATE TABLE lake.trades_daily AS FROM trades_daily")
        yield db


def fill_gold(db: duckdb.DuckDBPyConnection, *rows: Row) -> None:
    """Let gold be these rows."""
    db.execute("DELETE FROM lake.trades_daily")
    if rows:
        db.executemany(f"INSERT INTO lake.trades_daily VALUES ({', '.join('?' * len(rows[0]))})", list(rows))


def run_load(db: duckdb.DuckDBPyConnection, breaks_after: str = "") -> dict[str, int]:
    """Run the load as one transaction, or as far as one that breaks; return how many rows MERGE and DELETE touched."""
    touched = {}
    db.execute("BEGIN")
    for statement in load_statements():
        outcome = db.execute(statement.sql(dialect="duckdb")).fetchone()
        if isinstance(statement, exp.Merge | exp.Delete):
            assert outcome
            touched[statement.key] = outcome[0]
        if statement.key == breaks_after:
            break
    db.execute("ROLLBACK" if breaks_after else "COMMIT")
    return touched


def loaded_rows(db: duckdb.DuckDBPyConnection) -> list[Row]:
    rows = db.execute("FROM trades_daily ORDER BY ALL").fetchall()
    return [
        tuple(field_value if isinstance(field_value, int) else str(field_value) for field_value in row) for row in rows
    ]


def test_a_load_brings_gold_and_a_second_one_changes_nothing(warehouse: duckdb.DuckDBPyConnection) -> None:
    fill_gold(warehouse, MONDAY, TUESDAY)
    assert run_load(warehouse) == {"merge": 2, "delete": 0}
    assert loaded_rows(warehouse) == [MONDAY, TUESDAY]
    assert run_load(warehouse) == {"merge": 0, "delete": 0}
    assert loaded_rows(warehouse) == [MONDAY, TUESDAY]


def test_a_load_that_broke_halfway_is_repeated_as_if_it_had_not_been(warehouse: duckdb.DuckDBPyConnection) -> None:
    fill_gold(warehouse, MONDAY)
    run_load(warehouse)
    fill_gold(warehouse, TUESDAY)
    assert run_load(warehouse, breaks_after="merge") == {"merge": 1}
    assert loaded_rows(warehouse) == [MONDAY]
    assert run_load(warehouse) == {"merge": 1, "delete": 1}
    assert loaded_rows(warehouse) == [TUESDAY]
    assert run_load(warehouse) == {"merge": 0, "delete": 0}


def test_a_day_that_changed_is_updated_and_no_other_is_touched(warehouse: duckdb.DuckDBPyConnection) -> None:
    fill_gold(warehouse, MONDAY, TUESDAY)
    run_load(warehouse)
    corrected = (*TUESDAY[:3], 2, 2, "25.50", 2, "12.75")
    fill_gold(warehouse, MONDAY, corrected)
    assert run_load(warehouse) == {"merge": 1, "delete": 0}
    assert loaded_rows(warehouse) == [MONDAY, corrected]


def test_a_day_that_vanished_is_removed(warehouse: duckdb.DuckDBPyConnection) -> None:
    fill_gold(warehouse, MONDAY, TUESDAY)
    run_load(warehouse)
    fill_gold(warehouse, TUESDAY)
    assert run_load(warehouse) == {"merge": 0, "delete": 1}
    assert loaded_rows(warehouse) == [TUESDAY]


def test_a_category_and_a_region_of_the_same_day_are_rows_of_their_own(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = [MONDAY, (*MONDAY[:2], "toys", *MONDAY[3:]), ("US-EAST", *MONDAY[1:])]
    fill_gold(warehouse, *rows)
    assert run_load(warehouse) == {"merge": 3, "delete": 0}
    assert loaded_rows(warehouse) == sorted(rows)


@pytest.mark.parametrize("dataset", ["trades", "trades_daily"])
def test_what_the_published_table_forgot_leaves_the_warehouse_by_its_key_and_nothing_else_does(dataset: str) -> None:
    contract = contract_of(json.loads((LAKE / "expectations" / dataset / "output.json").read_text()))
    key = list(contract.key)
    with duckdb.connect() as warehouse:
        warehouse.execute(
            f"ATTACH ':memory:' AS lake; CREATE TABLE {dataset} ({', '.join(f'{name} TEXT' for name in key)}, about TEXT)"
        )
        rows = [(*(f"{name} {number}" for name in key), "x") for number in range(5)]
        # Each part of a key but one is the forgotten row's: all parts count.
        rows += [
            (*("other" if place == other else f"{name} 1" for place, name in enumerate(key)), "x")
            for other in range(len(key))
        ]
        warehouse.executemany(f"INSERT INTO {dataset} VALUES ({', '.join('?' * (len(key) + 1))})", rows)
        warehouse.execute(f"CREATE TABLE lake.{dataset} AS FROM {dataset}")
        gone = " AND ".join(f"{name} = '{name} 1'" for name in key)
        warehouse.execute(f"DELETE FROM lake.{dataset} WHERE {gone}")
        for _ in range(2):
            warehouse.execute(forget_sql(contract))
            assert sorted(warehouse.sql(f"FROM {dataset}").fetchall()) == sorted(rows[:1] + rows[2:])
