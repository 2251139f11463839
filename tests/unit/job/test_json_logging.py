"""The job's log: each line is one JSON object with the run's id and dataset, and no longer than an event may be."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from etl import job, reporting
from etl.contract.masking import Masking
from etl.gate.broken_rows import warning_on_failure
from etl.gate.onepass.staged_metrics import falling_back_to_spark
from etl.iceberg.current_snapshot import Head
from etl.maintenance import arguments as maintenance_arguments
from etl.maintenance import job as maintenance_job
from etl.maintenance import report as maintenance_report
from etl.messages.run_facts import RunFacts
from etl.results.verdict import Verdict
from etl.runtime.arguments import parse_arguments
from etl.runtime.json_logging import LONGEST_LINE, JsonFormatter, fit_line, json_log
from etl.storage.clients import Clients
from etl.wording import clean_text
from tests.unit.job.test_arguments import MAINTENANCE, command_line

logger = logging.getLogger("etl.reporting")
PERSON = "ada@example.com"


def read_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was logged; a line that is no JSON object fails."""
    captured = capsys.readouterr()
    assert captured.err == ""
    return [json.loads(line) for line in captured.out.splitlines()]


@contextmanager
def run_log() -> Iterator[None]:
    """The log of a run whose arguments are read."""
    with json_log() as log:
        log.identify_run("jr_1", "trades")
        yield


def test_a_line_has_time_level_logger_message_and_its_run(capsys: pytest.CaptureFixture[str]) -> None:
    with run_log():
        logger.warning("could not %s: %s", "put the metrics", TimeoutError("no answer"))
    (line,) = read_lines(capsys)
    moment = datetime.fromisoformat(line.pop("time"))
    assert moment.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)
    assert line == {
        "level": "WARNING",
        "logger": "etl.reporting",
        "message": "could not put the metrics: no answer",
        "run_id": "jr_1",
        "dataset": "trades",
    }


def test_what_a_line_tells_besides_is_a_field_of_its_own_and_hides_none_of_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with run_log():
        logger.info("VERDICT", extra={"verdict": {"state": "FAILED", "rules": [1]}, "run_id": "jr_2"})
    (line,) = read_lines(capsys)
    assert (line["message"], line["verdict"], line["run_id"]) == ("VERDICT", {"state": "FAILED", "rules": [1]}, "jr_1")
    assert [*line] == ["time", "level", "logger", "message", "run_id", "dataset", "verdict"]


@example(message="a\u2028b\x85c\r\n\x7f", value="\ud800\u202e\U000e0001")
@given(message=st.text(), value=st.text())
def test_any_text_stays_one_line_and_is_read_back(message: str, value: str) -> None:
    record = logging.LogRecord("etl", logging.INFO, "", 0, "%s", (message,), None)
    record.verdict = {"message": value}
    text = JsonFormatter().format(record)
    assert len(text.splitlines()) == 1
    assert clean_text(text) == text  # nothing commands a terminal, and no half of a character is in the way
    assert json.loads(text)["verdict"]["message"] == value


def test_a_message_of_several_lines_is_one_line_and_nothing_in_it_commands_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with run_log():
        logger.error("a\nb\x1b[2J")
    assert [line["message"] for line in read_lines(capsys)] == ["a\nb\\u001b[2J"]


def test_threads_of_the_run_log_its_fields_too(capsys: pytest.CaptureFixture[str]) -> None:
    with run_log():
        thread = Thread(target=logger.warning, args=("from a thread",))
        thread.start()
        thread.join()
    assert [(line["message"], line["run_id"]) for line in read_lines(capsys)] == [("from a thread", "jr_1")]


def test_of_an_exception_a_line_has_the_class_and_never_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    with run_log():
        try:
            raise ValueError(PERSON)
        except ValueError:
            logger.warning("a step failed", exc_info=True)
    (line,) = read_lines(capsys)
    assert line["exception"] == "ValueError"
    assert PERSON not in json.dumps(line)


def test_warnings_of_the_gate_quote_no_value_of_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    with run_log():
        with falling_back_to_spark("keys are proven", Masking(columns=frozenset({"email"}))):
            raise ValueError(PERSON)
        with warning_on_failure():
            raise ValueError(PERSON)
    lines = read_lines(capsys)
    assert [(line["level"], line["logger"]) for line in lines] == [
        ("WARNING", "etl.gate.onepass.staged_metrics"),
        ("WARNING", "etl.gate.broken_rows"),
    ]
    assert all("ValueError" in line["message"] for line in lines)
    assert PERSON not in json.dumps(lines)


def publish_verdict(aws: Any) -> None:
    verdict = Verdict("trades", "jr_1", "job", "then")
    reporting.publish_report(
        Clients(aws, aws, aws), RunFacts(parse_arguments(command_line()), verdict, (), Head(), "eu-west-1")
    )


def publish_maintenance(aws: Any) -> None:
    order = maintenance_arguments.parse_arguments(MAINTENANCE)
    done = maintenance_report.Report("trades", "jr_1", "job", "then", tables=[maintenance_report.TableReport("trades")])
    maintenance_report.publish_report(Clients(aws, aws, aws), order, done)


@pytest.mark.parametrize(
    ("publish", "message", "field", "files"),
    [(publish_verdict, "VERDICT", "verdict", 4), (publish_maintenance, "MAINTENANCE", "maintenance", 2)],
)
def test_what_a_run_did_is_one_line_with_the_files_content_and_what_cannot_be_written_is_a_warning(
    publish: Callable[[Any], None], message: str, field: str, files: int, capsys: pytest.CaptureFixture[str]
) -> None:
    written, refused = Mock(), Mock()
    for bucket in (written, refused):
        bucket.get_paginator.return_value.paginate.return_value = []
    refused.put_object.side_effect = OSError("read only")
    with run_log():
        publish(written)
        publish(refused)
    file = json.loads(written.put_object.call_args_list[0].kwargs["Body"])
    first, second, *warnings = read_lines(capsys)
    assert first == second | {"time": first["time"]}
    assert (first["level"], first["message"], first[field]) == ("INFO", message, file)
    assert len(warnings) == files
    for warning in warnings:
        assert warning["level"] == "WARNING"
        assert re.fullmatch(
            r"could not write the (verdict|report|message|results) s3://\S+\.jsonl?: read only", warning["message"]
        )


@pytest.mark.parametrize("main", [job.main, maintenance_job.main])
def test_arguments_that_are_faulty_are_told_in_a_line_without_a_run(
    main: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--JOB_RUN_ID", "jr_1"])
    (line,) = read_lines(capsys)
    assert (line["level"], line["message"]) == ("ERROR", str(raised.value))
    assert "required" in line["message"]
    assert not {"run_id", "dataset"} & line.keys()


def test_after_the_run_the_loggers_are_as_they_were(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with json_log():
        logger.warning("within")
    logger.warning("after")
    logger.info("nobody asked for it")
    assert [line["message"] for line in read_lines(capsys)] == ["within"]
    assert caplog.messages == ["after"]


def test_other_libraries_are_as_loud_as_without(capsys: pytest.CaptureFixture[str]) -> None:
    with run_log():
        logging.getLogger("great_expectations").warning("a library's own")
        logger.info("ours")
    assert [line["message"] for line in read_lines(capsys)] == ["ours"]


FIXED = {"time": "now", "level": "INFO", "logger": "etl.reporting", "message": "VERDICT", "run_id": "jr_1"}
OBJECTS = [{"key": f"trades/{number}.csv", "version": "v" * 30} for number in range(10_000)]


@pytest.mark.parametrize(
    ("extra", "cut", "kept"),
    [
        ({"verdict": {"rows": 5, "objects": OBJECTS[:9]}}, None, OBJECTS[:9]),
        ({"verdict": {"rows": 5, "objects": OBJECTS}}, ["verdict.objects"], OBJECTS[:1000]),
        (
            {"verdict": {"rows": 5, "objects": OBJECTS[:2], "message": "é" * LONGEST_LINE}},
            ["verdict.message"],
            OBJECTS[:2],
        ),
        (
            {"verdict": {"rows": 5, "objects": OBJECTS, "rules": [{"samples": ["\N{SNOWMAN}" * 100] * 99}] * 99}},
            ["verdict.objects", "verdict.rules", "verdict.rules.samples"],
            OBJECTS[:10],
        ),
    ],
    ids=["short", "many objects", "a long text", "many of everything"],
)
def test_a_line_is_no_longer_than_an_event_and_says_what_is_cut(
    extra: dict[str, Any], cut: list[str] | None, kept: list[Any]
) -> None:
    text = fit_line(FIXED, extra)
    assert len(text.encode()) <= LONGEST_LINE
    line = json.loads(text)
    assert line | FIXED == line
    assert line.get("cut") == cut
    assert (line["verdict"]["rows"], line["verdict"]["objects"]) == (5, kept)


def test_a_line_that_nothing_makes_short_enough_has_its_run_and_message_alone() -> None:
    fields = {**FIXED, "message": "m" * LONGEST_LINE}
    line = json.loads(fit_line(fields, {"counts": {f"column {number}": number for number in range(20_000)}}))
    assert line == {**FIXED, "message": f"{'m' * 100}…", "cut": ["counts", "message"]}


def test_a_job_that_starts_imports_nothing_for_its_log() -> None:
    script = (
        "import contextlib, datetime, json, logging, sys, typing, etl.wording\n"
        "before = {*sys.modules}\n"
        "import etl.runtime.json_logging\n"
        "print(sorted({*sys.modules} - before))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "['etl.runtime', 'etl.runtime.json_logging']\n"
