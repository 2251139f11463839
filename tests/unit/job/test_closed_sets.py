"""Closed sets: each consumer takes each member, and one that lacks a member fails by name.

A consumer is listed beside the set whose members it takes. Spark's functions stand for themselves: no session is started.
"""

import ast
import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from bench import dirty, reading, rules
from components.readers import warehouse_tables
from etl.contract import masking
from etl.contract.dialect import RFC_4180, Encoding, ExtraColumns, HeaderMatch
from etl.contract.history import HistoryBound, HistoryFigure, HistoryMetric, HistoryUnit
from etl.contract.input_column import Epoch, InputColumn
from etl.contract.loads import CopyUnit, Load, LoadKind
from etl.contract.model import ColumnSpec, Contract, Rule
from etl.contract.policies import ConflictPolicy, CopyPolicy, FailedNeedPolicy, PoisonPolicy
from etl.contract.record_form import RecordForm
from etl.contract.results_layout import ResultKind
from etl.contract.severity import Severity
from etl.contract.source_format import SourceFormat
from etl.contract.stage import SUITE_STAGES, Stage, other_suite
from etl.contract.structure_levels import StructureLevel
from etl.contract.structure_rules import StructureRule
from etl.contract.types import ColumnType, Family, TypeKind
from etl.contract.validation import bounds, values
from etl.contract.value_forms import value_form
from etl.contract.vocabulary import VOCABULARY, Bounds, Judged, Operand
from etl.forget import binary_rewrite, raw_rewrite
from etl.forget.report import ForgetState
from etl.gate import history_metrics, load_resolution, rule_results
from etl.history.bound_words import describe_bound
from etl.history.run_values import earlier_values, join_values
from etl.isolation import PartOutcome
from etl.ledger.quarantine_table import source_expression
from etl.maintenance.report import MaintenanceState
from etl.messages.message import MessageKind
from etl.results.result_lines import line_adapter
from etl.results.rule_state import Evaluation, RuleState
from etl.results.structure_rules import structure_result
from etl.results.used_bound import UsedBound
from etl.results.verdict import RunState
from etl.runtime.arguments import RunKind
from etl.sources import (
    casting,
    columnar_failures,
    encodings,
    json_forms,
    json_records,
    line_decoding,
    line_faults,
    readers,
    time_reading,
    value_reading,
)
from etl.sources.avro_schema import AvroField
from etl.sources.avro_values import text_reader
from etl.sources.operations import ChangeKind
from etl.sources.replay import Replay
from etl.storage.raw_objects import RawObject
from sluice.cli.commands import CommandGroup
from sluice.contracts.arrow_types import arrow_type, declared_type
from sluice.contracts.diff import changes, meta_changes, rule_ranges
from sluice.contracts.export import odcs_quality
from sluice.contracts.history import bound_order
from sluice.contracts.history.bound_words import describe_history
from sluice.contracts.history.walk import LOWER
from sluice.contracts.lint import argument_limits, suite_pairs
from sluice.contracts.lint.command import LintFormat
from sluice.contracts.output_form import OutputForm
from sluice.contracts.profile import column_inference, history_bounds, sample
from sluice.contracts.prove import avro_files, raw_files
from sluice.contracts.prove import values as proof_values
from sluice.contracts.schema import arguments
from sluice.day_results.day_states import DayState
from sluice.day_results.outcomes import Tone
from sluice.operations.mending.mended_cells import CellReader
from sluice.operations.mending.sheet_lines import SheetCell
from sluice.operations.mending.shown_rows import Rewritten
from sluice.program.bill.run_cost import Way
from sluice.site import derived_rules, promises
from sluice.site.overview import URGENCY
from tests.closed_sets import Consumers, cases, example_type, extra_member, type_of_family
from tests.verdict_consumers import RULE_STATES, RUN_STATES, settle_incidents

ROOT = Path(__file__).parents[3]
ROOMS = ("etl", "components", "sluice", "bench")
INT = ColumnType(TypeKind.INT)
DAY, TIME = "2025-01-31", "2025-01-31T10:00:00"
RAW_VALUES = {TypeKind.DATE: DAY, TypeKind.TIMESTAMP: TIME, TypeKind.TIMESTAMP_NTZ: TIME, TypeKind.BOOLEAN: True}
RUN = {"run_date": DAY, "run_time": TIME}
COMPARED = {Family.DATE: DAY, Family.INSTANT: f"{TIME}Z", Family.LOCAL_TIME: TIME}
BETWEEN = Rule(
    "trips.x.range", "expect_column_values_to_be_between", {"column": "x", "max_value": 1}, Severity.INFO, ""
)


def of_kind(consumer: Callable[[ColumnType], Any]) -> Callable[[TypeKind], Any]:
    """Return a consumer of declared types as one of their kinds."""
    return lambda kind: consumer(example_type(kind))


def of_family(consumer: Callable[[ColumnType], Any]) -> Callable[[Family], Any]:
    """Return a consumer of declared types as one of their families."""
    return lambda family: consumer(type_of_family(family))


def make_contract(source_format: SourceFormat) -> Contract:
    contract = Contract(
        dataset="trips",
        stage=Stage.INPUT,
        version="1.0.0",
        owner="o",
        description="d",
        columns=(ColumnSpec("x", example_type(TypeKind.STRING), "x"),),
        rules=(),
    )
    object.__setattr__(contract, "format", source_format)  # an extra one too
    return contract


def read_table(source_format: SourceFormat) -> None:
    """Read a file that is not there: a format without a reader fails before."""
    with pytest.raises((FileNotFoundError, ValueError)):
        sample._read_table(Path("no/such/file"), source_format)


def file_body(source_format: SourceFormat) -> bytes:
    if source_format is SourceFormat.TABLES:
        with pytest.raises(ValueError, match="built from tables"):
            raw_files.file_body([{"x": "a"}], make_contract(source_format))
        return b"refused"
    return raw_files.file_body([{"x": "a"}], make_contract(source_format))


def read_rows(source_format: SourceFormat) -> None:
    contract = make_contract(source_format)
    with (
        mock.patch.multiple(
            readers,
            **dict.fromkeys(
                ("csv_reader", "json_reader", "columnar_reader", "avro_reader", "excel_reader"), mock.DEFAULT
            ),
        ),
        pytest.raises(ValueError, match="tables") if source_format is SourceFormat.TABLES else nullcontext(),
    ):
        readers.read_objects(mock.Mock(), mock.Mock(), [], contract, mock.Mock())


def read_by_spark(source_format: SourceFormat) -> None:
    has_reader = source_format.is_columnar or source_format.may_be_packed
    with nullcontext() if has_reader else pytest.raises(ValueError, match="without a reader"):
        reading._read_format(mock.MagicMock(), "s3://raw/", make_contract(source_format))


def verify_codecs(source_format: SourceFormat) -> None:
    with mock.patch.object(columnar_failures, "_verify_parquet"):
        columnar_failures.verify_codecs(mock.Mock(), mock.Mock(), mock.Mock(fault=None), source_format)


def line_marks(source_format: SourceFormat) -> None:
    with mock.patch.object(line_faults, "F"), mock.patch.object(line_faults, "json_reader"):
        line_faults.line_marks(make_contract(source_format), ["x"])


def read_raw_lines(source_format: SourceFormat) -> None:
    contract = make_contract(source_format)
    replay = Replay(mock.Mock(), make_contract(SourceFormat.JSONL), mock.Mock(), contract, mock.Mock())
    modules = dict.fromkeys(("F", "csv_reader", "json_reader", "csv_header", "LineFaults"), mock.DEFAULT)
    with mock.patch.multiple("etl.sources.replay", **modules), mock.patch.object(Replay, "_as_read"):
        replay._read_raw(mock.MagicMock(), None)


def rewrite_rows(source_format: SourceFormat) -> None:
    raw = raw_rewrite.RawRewrite(mock.Mock(), "raw", make_contract(source_format), Path())
    refused = pytest.raises(raw_rewrite.CannotRewrite) if source_format is SourceFormat.TABLES else nullcontext()
    modules = dict.fromkeys(("rewrite_text", "binary_rewrite", "ObjectStreams"), mock.DEFAULT)
    with mock.patch.multiple(raw_rewrite, **modules), refused:
        raw._write_rows(RawObject("x", "1"), (), set(), mock.Mock())


def rewrite_binary(source_format: SourceFormat) -> None:
    is_binary = source_format.is_typed or source_format is SourceFormat.EXCEL
    modules = dict.fromkeys(("_rewrite_parquet", "_rewrite_orc", "rewrite_avro", "rewrite_excel"), mock.DEFAULT)
    with (
        mock.patch.multiple(binary_rewrite, **modules) as patched,
        nullcontext() if is_binary else pytest.raises(ValueError, match=source_format),
    ):
        patched["rewrite_avro"].return_value = patched["rewrite_excel"].return_value = (b"", 0, 0)
        binary_rewrite.rewrite_file(b"", make_contract(source_format), set())


def decoded_line(encoding: Encoding) -> None:
    refused = pytest.raises(ValueError, match="end at a byte") if encoding is Encoding.UTF_16 else nullcontext()
    with mock.patch.object(line_decoding, "F"), refused:
        line_decoding.decoded_line(mock.MagicMock(), encoding)


def cast(declared: ColumnType) -> None:
    with mock.patch.object(casting, "F"):
        casting.cast_to_declared("x", declared)


def read_texts(declared: ColumnType) -> None:
    with mock.patch.object(value_reading, "F"), mock.patch.object(time_reading, "F"), mock.patch.object(casting, "F"):
        tuple(value_reading._steps_of(InputColumn("x", declared, ""), (), SourceFormat.CSV))


def read_epoch(epoch: Epoch) -> None:
    column = InputColumn("x", example_type(TypeKind.TIMESTAMP), "", epoch=epoch)
    assert value_form(column)
    with mock.patch.object(time_reading, "F"):
        tuple(time_reading.epoch_steps(column, mock.MagicMock(), False))


def avro_field(declared: ColumnType) -> AvroField:
    parts = {name: avro_field(part) for name, part in declared.parts.items()}
    return AvroField(declared, "timestamp-micros", parts)


def is_figure(kind: Bounds) -> bool:
    expectation = replace(VOCABULARY[BETWEEN.type], bounds=kind)
    with mock.patch.dict(rule_results.VOCABULARY, {BETWEEN.type: expectation}):
        return rule_results.is_figure(BETWEEN, make_contract(SourceFormat.CSV))


def redshift_type(declared: ColumnType) -> str:
    column = mock.Mock(type=declared)
    return warehouse_tables._redshift_type(make_contract(SourceFormat.PARQUET), column)


def site_style() -> str:
    return (ROOT / "sluice/site/templates/style.css").read_text(encoding="utf-8")


def style_of(severity: Severity) -> None:
    assert f".severity.{severity} " in site_style()


def style_of_tone(tone: Tone) -> None:
    assert tone is Tone.QUIET or f".badge.{tone} " in site_style()  # a badge is quiet by itself


def style_of_day(state: DayState) -> None:
    assert f"td.{state} {{" in site_style() or f"td.{state}," in site_style()
    assert state is DayState.NONE or f"td.{state}::after" in site_style()  # a dot stands for none


KINDS: Consumers = {
    "what a suite may write": lambda kind: ColumnType(example_type(kind).strip()),
    "plain form": of_kind(lambda declared: (declared.plain_form,)),
    "limits": of_kind(lambda declared: (declared.limits,)),
    "Iceberg's widening": of_kind(lambda declared: declared.widens_to(INT)),
    "Spark's class": lambda kind: kind.spark_class,
    "logical type of ODCS": lambda kind: kind.logical,
    "rank as a key": lambda kind: kind.key_rank,
    "values that Spark compares as they are": lambda kind: kind.literals,
    "exact aggregates": of_kind(lambda declared: (declared.exact_aggregate,)),
    "type of Redshift": of_kind(redshift_type),
    "type of Arrow": of_kind(arrow_type),
    "type of a file": of_kind(lambda declared: declared_type(arrow_type(declared))),
    "type of Avro": of_kind(lambda declared: avro_files._avro_type(declared, "t")),
    "text of a value of Avro": of_kind(lambda declared: text_reader(avro_field(declared), declared)),
    "cast": of_kind(cast),
    "form of texts": of_kind(lambda declared: (value_form(InputColumn("x", declared, "")),)),
    "reading of texts": of_kind(read_texts),
    "guess from texts": lambda kind: (column_inference.reader_of(kind),),
    "value that a proof tries": lambda kind: proof_values.typed_value(RAW_VALUES.get(kind, 1), example_type(kind)),
    "texts that a proof tries": of_kind(lambda declared: proof_values.value_pool(declared, [], RUN, 3)),
}
FAMILIES: Consumers = {
    "order": lambda family: family.is_ordered,
    "time of day": lambda family: family.is_time,
    "values that compare": lambda family: family.comparable_value(COMPARED.get(family, 1)),
    "mask": lambda family: masking._is_written_as("a", family),
    "bounds that a suite may have": bounds._value_check,
    "values that a suite may name": of_family(lambda declared: values.fits_type("a", declared)),
    "domain of a rule": of_family(lambda declared: (rule_ranges.subject_domain(("value", "x"), {"x": declared}),)),
    "bounds of ODCS": lambda family: odcs_quality._is_standard_bound("a", family),
    "limits of the library": lambda family: [*argument_limits._check_family(BETWEEN, family)],
    "pair of suites": of_family(lambda declared: suite_pairs.keeps_values(declared, ColumnType("decimal(38,0)"))),
    "values that a proof tries": of_family(lambda declared: proof_values.value_pool(declared, [], RUN, 3)),
    "dirty day of the bench": of_family(lambda declared: dirty._value_outside(declared, None, "2025-01-31")),
    "range of the bench's peers": lambda family: (rules._range_end(family, "2025-01-31"),),
}
FORMATS: Consumers = {
    "what is looked up": lambda form: (
        form.endings,
        form.magic,
        form.is_text,
        form.is_positional,
        form.has_row_numbers,
    ),
    "rules that a page names": derived_rules.rules_of_format,
    "words on a page": lambda form: promises._format_words(make_contract(form)),
    "row as JSON text": lambda source_format: source_expression(make_contract(source_format)),
    "reader": read_rows,
    "what reads it": lambda source_format: (
        source_format.is_columnar,
        source_format.takes_whole_files,
    ),
    "file without some rows": rewrite_rows,
    "binary file without some rows": rewrite_binary,
    "codecs of a file": verify_codecs,
    "Spark's own reader": read_by_spark,
    "lines that are no rows": line_marks,
    "lines that are replayed": read_raw_lines,
    "file of a sample": read_table,
    "file of a proof": file_body,
}
RECORDS = {form: "$.x" if form is RecordForm.PATH else str(form) for form in RecordForm}
RECORD_FORMS: Consumers = {
    "what is looked up": lambda form: (form.takes_whole_files, form.is_held_whole, json_forms.WORDS[form]),
    "words on a page": promises._record_words,
    "records of a file": lambda form: [
        *json_records._texts(io.BytesIO(b"[]" if form is RecordForm.ARRAY else b'{"x": []}'), form, ("x",))
    ],
    "records in a text": lambda form: [
        *json_records.iterate_record_spans("[]" if form is RecordForm.ARRAY else '{"x": []}', RECORDS[form])
    ],
    "file of another form": lambda form: json_forms.is_readable_as((RecordForm.LINES, ""), form),
    "file of a proof": lambda form: raw_files._json_body(
        [], mock.Mock(record_form=form, records="x", dialect=RFC_4180)
    ),
}
SEVERITIES: Consumers = {
    "what is looked up": lambda severity: (severity.rank, severity.stops_run, severity.quarantines_rows),
    "colour in a terminal": lambda severity: severity.colour,
    "severity of OpenLineage": lambda severity: severity.lineage,
    "words on a page": lambda severity: severity.effect,
    "style of a page": style_of,
    "label of a tightened rule": changes.tightened_label,
    "label of a weakened rule": lambda severity: changes.weakened_label(Stage.OUTPUT, "", severity),
    "label of a dropped rule": lambda severity: changes.dropped_label(Stage.INPUT, severity),
}
STAGES: Consumers = {"a dataset's other suite": other_suite, "label of a broken promise": meta_changes.breaking_label}
OPERANDS: Consumers = {"columns of a rule": lambda operand: operand.takes(Family.DATE)}
JUDGED: Consumers = {"rows that break a rule": lambda judged: judged.is_row}
BOUNDS: Consumers = {
    "figure or value": is_figure,
    "bounds that a suite may have": lambda kind: [*bounds.bounds_faults({}, kind, "")],
    "schema of an argument": lambda kind: arguments.BOUNDS[kind],
}
LABELS: Consumers = {
    "step of a version": lambda label: changes.STEPS[label.step],
    "colour in a terminal": lambda label: label.colour,
    "the worst of two": lambda label: changes.worst_label(label, changes.DOCUMENTATION),
}
STRUCTURE: Consumers = {
    "what is looked up": lambda rule: (rule.words, rule.remedy),
    "rules of whole objects": lambda rule: rule.is_of_object,
    "result in a verdict": lambda rule: structure_result("trips", rule, 1),
}
ENCODINGS: Consumers = {
    "what is looked up": lambda encoding: (encoding.codec, encoding.is_single_byte),
    "bytes as text": lambda encoding: encodings.decode_text(b"ab", encoding),
    "lines of Spark as text": decoded_line,
}
POLICIES: dict[type[StrEnum], Consumers] = {
    RunKind: {"run that mends": lambda kind: kind.is_repair, "what a run made good": settle_incidents},
    MessageKind: {"what is said once": lambda kind: kind.is_remembered},
    ResultKind: {"lines of a file": line_adapter},
    ConflictPolicy: {"key that stands elsewhere": lambda policy: policy.replaces_rows},
    LoadKind: {
        "key that stands elsewhere": lambda kind: kind.replaces_rows,
        "keys of its object": lambda kind: kind.options,
        "what leaves with an object": lambda kind: kind.is_whole_table,
        "words on a page": lambda kind: load_of(kind).terms,
        "rules on a page": derived_rules.rules_of_load,
        "rows that are replaced": load_resolution.resolver_of,
    },
    ChangeKind: {"words of a load": lambda kind: kind.words(Load(kind=LoadKind.CHANGES))},
    Way: {"seconds of a million rows": lambda way: way.seconds_per_million_rows},
    CopyUnit: {"objects of a copy": lambda unit: unit.has_several_objects},
    CopyPolicy: {"an object that came twice": lambda policy: policy.publishes_copies},
    PoisonPolicy: {"the run's other objects": lambda policy: policy.publishes_others},
    HeaderMatch: {
        "order of a header": lambda match: match.is_ordered,
        "words on a page": promises._order_words,
        "what is compared of a name": lambda match: match.form("A"),
    },
    ExtraColumns: {"columns that no suite declares": lambda extra: extra.are_ignored},
    StructureLevel: {"severity of a rule on lines": lambda level: level.severity},
    FailedNeedPolicy: {"dataset in a flow": lambda policy: policy.stops_dataset},
}


def load_of(kind: LoadKind) -> Load:
    load = Load(kind=LoadKind.APPEND)
    object.__setattr__(load, "kind", kind)  # an extra one too
    return load


def tell_bound(bound: HistoryBound) -> str:
    used = UsedBound(name="b", stage=Stage.OUTPUT, metric="m", value=1, figure=1, values=2, at_least=1)
    return describe_bound(bound, used, "min_value")


SETS: dict[type[StrEnum], Consumers] = {
    **{TypeKind: KINDS, Family: FAMILIES, SourceFormat: FORMATS, Severity: SEVERITIES},
    **{RecordForm: RECORD_FORMS, Stage: STAGES, StructureRule: STRUCTURE, Encoding: ENCODINGS, **POLICIES},
    Epoch: {"reading": read_epoch},
    HistoryMetric: {
        "column of a bound": lambda metric: metric.takes_column,
        "type of its column": lambda metric: metric.takes_numbers,
        "whether values are shown": lambda metric: metric.shows_values,
        "runs of a day": lambda metric: metric.adds_up,
        "rules that it bounds": lambda metric: metric.rule_types,
        "rounding": lambda metric: metric.counts,
        "bounds that are proposed": lambda metric: history_bounds._steps(HistoryBound(metric=metric), LOWER),
        "values of a day": lambda metric: metric.has_days,
        "value of a day's runs": lambda metric: metric.has_days and join_values(metric, [1.0, 2.0]),
        "how it is counted": history_metrics.aggregate_function,
        "bound in words": lambda metric: tell_bound(HistoryBound(metric=metric)),
        "rule in words": lambda metric: describe_history(HistoryBound(metric=metric)),
    },
    HistoryFigure: {
        "bound": lambda figure: HistoryBound(metric=HistoryMetric.ROW_COUNT, of=figure, at_least=1).compute([1.0]),
        "bound in words": lambda figure: tell_bound(HistoryBound(metric=HistoryMetric.ROW_COUNT, of=figure)),
        "rule in words": lambda figure: describe_history(HistoryBound(metric=HistoryMetric.ROW_COUNT, of=figure)),
        "stricter bound": bound_order.LEAST_FIRST.__getitem__,
    },
    HistoryUnit: {
        "values": lambda unit: earlier_values(
            HistoryBound(metric=HistoryMetric.ROW_COUNT, per=unit), Stage.OUTPUT, [], date.max
        ),
        "bound in words": lambda unit: tell_bound(HistoryBound(metric=HistoryMetric.ROW_COUNT, per=unit)),
        "rule in words": lambda unit: describe_history(HistoryBound(metric=HistoryMetric.ROW_COUNT, per=unit)),
    },
    **{RuleState: RULE_STATES, RunState: RUN_STATES},
    Tone: {"style of a page": style_of_tone, "order of the overview": URGENCY.index},
    DayState: {"words on a page": lambda state: (state.words, state.mark), "style of a page": style_of_day},
    Rewritten: {
        "cell of a mended row": lambda rewritten: CellReader(re.compile(""), rewritten)._judge_rewritten(
            SheetCell("D7", "1")
        )
    },
    PartOutcome: {"rows that readers may see": lambda outcome: outcome.is_publishable},
    **{Evaluation: {}, ForgetState: {}, MaintenanceState: {}},  # a file has them, and nothing depends on which it is
    **{
        CommandGroup: {},
        OutputForm: {},
        LintFormat: {},
    },  # headings of help, and what is printed; tests/unit/cli tries each
    **{Operand: OPERANDS, Judged: JUDGED, Bounds: BOUNDS, changes.Label: LABELS},
}
MEMBERS: dict[type[StrEnum], tuple[StrEnum, ...]] = {closed_set: tuple(closed_set) for closed_set in SETS} | {
    Stage: SUITE_STAGES
}


@pytest.mark.parametrize(
    ("consumer", "member"), [case for each, consumers in SETS.items() for case in cases(consumers, MEMBERS[each])]
)
def test_each_consumer_takes_each_member(consumer: Callable[[Any], Any], member: Any) -> None:
    consumer(member)


@pytest.mark.parametrize(
    ("consumer", "member"),
    [case for each, consumers in SETS.items() for case in cases(consumers, [extra_member(each)])],
)
def test_a_consumer_that_lacks_a_member_fails(consumer: Callable[[Any], Any], member: Any) -> None:
    with pytest.raises((AssertionError, AttributeError, KeyError, ValueError)):
        consumer(member)


@pytest.mark.parametrize("closed_set", [each for each in SETS if each not in (Stage, TypeKind, Family)])
def test_an_unknown_member_cannot_be_constructed(closed_set: Any) -> None:
    with pytest.raises(ValueError, match="extra"):
        closed_set("extra")


def test_an_unknown_severity_or_type_reaches_no_rule_and_no_column() -> None:
    with pytest.raises(ValueError, match="fatal"):
        Rule("trips.x", "expect_x", {}, "fatal", "why")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="declare one of string, int"):
        ColumnSpec("x", "interval", "x")  # pyright: ignore[reportArgumentType]


def test_each_closed_set_of_the_code_is_tried() -> None:
    defined = {
        node.name
        for _, text in project_files(re.compile(r"\(StrEnum\)"))
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef) and any(_last_name(base) == "StrEnum" for base in node.bases)
    }
    assert defined == {each.__name__ for each in SETS}


def matching_functions() -> Iterator[tuple[str, int]]:
    """Yield file and first line of each function that a new member would leave at `assert_never`."""
    for path, text in project_files(re.compile("assert_never")):
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef) and any(map(_is_assert_never, ast.walk(function))):
                first = function.decorator_list[0] if function.decorator_list else function
                yield str(path), first.lineno


def project_files(pattern: re.Pattern[str]) -> Iterator[tuple[Path, str]]:
    """Yield path and text of each of the project's modules that has a match; to parse all would take seconds."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if pattern.search(text):
                yield path, text


def _is_assert_never(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "assert_never"


def test_each_match_over_a_closed_set_is_a_consumer_that_is_tried() -> None:
    called: set[tuple[str, int]] = set()
    sys.setprofile(lambda frame, *_: called.add((frame.f_code.co_filename, frame.f_code.co_firstlineno)))
    try:
        for each, consumers in SETS.items():
            for consumer in consumers.values():
                for member in MEMBERS[each]:
                    consumer(member)
    finally:
        sys.setprofile(None)
    matches = {*matching_functions()}
    assert len(matches) > 20
    assert matches - called == set()


# By the last part of a name, the members that it is compared with.
WORDS: dict[str, set[str]] = {
    "severity": {*Severity},
    "stage": {*Stage},
    "format": {*SourceFormat},
    "source_format": {*SourceFormat},
    "declared": {*TypeKind},
    "file_type": {*TypeKind},
    "type": {*TypeKind},
    "family": {*Family},
    "on_conflict": {*ConflictPolicy},
    "on_poison": {*PoisonPolicy},
    "level": {*StructureLevel},
    "copies": {*CopyPolicy},
    "record_form": {*RecordForm},
    "on_failed_need": {*FailedNeedPolicy},
    "fault": {*StructureRule},
    "judges": {*Judged},
    "bounds": {*Bounds},
    "of": {*Operand},
    "kind": {*RunKind},
    "state": {*RuleState},
    "way": {*Evaluation},
}
LISTED = [{*Severity}, {*SUITE_STAGES}, {*Stage}, {*SourceFormat}, {*TypeKind}, {*ConflictPolicy}, {*PoisonPolicy}]


def bare_words(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of each member of a closed set that a comparison, a list or a table writes as a bare text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            words = set().union(*(WORDS.get(_last_name(side), set()) for side in sides))
            yield from ((node.lineno, text) for side in sides for text in _texts(side) if text in words)
        elif isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            texts = _texts(node) or _first_texts(node)
            if len(texts) > 1 and any(set(texts) <= members for members in LISTED):
                yield node.lineno, ", ".join(texts)


def _first_texts(node: ast.AST) -> list[str]:
    """Return the first text of each part of a list of pairs; none where a part is something else."""
    parts = getattr(node, "elts", [])
    texts = [text for part in parts if isinstance(part, ast.Tuple) for text in _texts(ast.List(part.elts[:1]))]
    return texts if len(texts) == len(parts) else []


def _last_name(node: ast.AST) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return name
        case _:
            return ""


def _texts(node: ast.AST) -> list[str]:
    parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [node])
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return texts if len(texts) == len(parts) else []


def test_no_module_writes_a_member_as_a_bare_text() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path, source in project_files(re.compile(f"[\"']({'|'.join(sorted(set().union(*LISTED)))})[\"']"))
        for line, text in bare_words(ast.parse(source))
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        'rule.severity == "warning"',
        'x["severity"] != "info"',
        'rule.get("severity") in ("critical",)',
        '{"csv": 1, "orc": 2}',
        '(("input", rows), ("output", table))',
    ],
)
def test_a_bare_text_is_seen(text: str) -> None:
    assert [*bare_words(ast.parse(text))]
