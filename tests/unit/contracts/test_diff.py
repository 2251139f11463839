"""`diff` reads contracts from Git and refuses a version that was not raised enough."""

import copy
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from components.settings.lake_folder import ROOT
from etl.contract.loading import contract_of
from etl.contract.model import Contract
from sluice.cli.app import main
from sluice.cli.errors import WrongUse
from sluice.contracts.diff import git_history
from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS
from sluice.contracts.diff.diff import SuiteDiff, diff_suites, migrations_of
from tests.lake import LAKE
from tests.lake.mutations import (
    QUANTITY,
    REGION,
    TRADES,
    Change,
    Suite,
    change_column,
    change_kwargs,
    change_meta,
    drop_rule,
)
from tests.unit.contracts.changed import apply_all, changes_after, with_rule_added
from tests.unit.contracts.conftest import Write

OUTPUT, INPUT = "expectations/trades/output.json", "expectations/trades/input.json"
REGIONS = ["US-EAST", "US-WEST", "EU-WEST", "EU-CENTRAL", "AP-SOUTH", "AF-SOUTH"]


def run_git(folder: Path, *arguments: str) -> str:
    person = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(folder), *person, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=clean).stdout.strip()


def commit_all(folder: Path, message: str) -> str:
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return run_git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(write: Write) -> Path:
    folder = write()
    run_git(folder, "init", "-q")
    commit_all(folder, "the shipped contracts")
    return folder


def and_version(version: str, *changes: Change) -> Change:
    def apply_changes(suite: Suite) -> None:
        change_meta(version=version)(suite)
        for part in changes:
            part(suite)

    return apply_changes


def test_it_compares_a_commit_with_the_working_tree(repository: Path, write: Write) -> None:
    write(change_kwargs(QUANTITY, max_value=500))
    (suite_diff,) = diff_suites(git_history.suites_at("HEAD", repository), git_history.working_suites(repository))
    assert [str(change) for change in suite_diff.changes] == [f"{QUANTITY}: at most 1000 → 500, tightened"]
    assert (suite_diff.path, suite_diff.enough) == (OUTPUT, False)
    assert suite_diff.bump
    assert suite_diff.bump.least == "3.0.0"


def test_it_compares_two_commits_whatever_the_working_tree_holds(repository: Path, write: Write) -> None:
    write(and_version("3.0.0", change_kwargs(QUANTITY, max_value=500)))
    commit_all(repository, "tighter")
    write(drop_rule(QUANTITY))
    (suite_diff,) = diff_suites(git_history.suites_at("HEAD~", repository), git_history.suites_at("HEAD", repository))
    assert [change.label for change in suite_diff.changes] == [PRODUCERS]
    assert suite_diff.enough


def test_suites_that_come_and_go_are_told(repository: Path) -> None:
    (repository / OUTPUT).unlink()
    (repository / "expectations/orders").mkdir()
    suite = (repository / INPUT).read_text().replace("trades.", "orders.")
    (repository / "expectations/orders/input.json").write_text(suite)
    suite_diffs = diff_suites(git_history.suites_at("HEAD", repository), git_history.working_suites(repository))
    assert [
        (suite_diff.path, suite_diff.changes[0].how, suite_diff.changes[0].label) for suite_diff in suite_diffs
    ] == [
        ("expectations/orders/input.json", "added", LOOSENED),
        (OUTPUT, "removed", CONSUMERS),
    ]
    assert all(suite_diff.enough for suite_diff in suite_diffs)


def test_a_suite_that_does_not_load_may_not_go_in(repository: Path, write: Write) -> None:
    write(change_kwargs(QUANTITY, max_value=None, min_value=None))
    (suite_diff,) = diff_suites(git_history.suites_at("HEAD", repository), git_history.working_suites(repository))
    assert [fault.rule for fault in suite_diff.faults] == [QUANTITY]
    assert not suite_diff.enough


def test_a_suite_that_did_not_load_before_is_told_as_new(repository: Path, write: Write) -> None:
    (repository / OUTPUT).write_text("{")
    commit_all(repository, "broken")
    write()
    (suite_diff,) = diff_suites(git_history.suites_at("HEAD", repository), git_history.working_suites(repository))
    assert "what it was before does not load" in suite_diff.changes[0].words
    assert suite_diff.enough


def test_only_how_it_is_written_is_no_change(repository: Path) -> None:
    suite = json.loads((repository / OUTPUT).read_text())
    (repository / OUTPUT).write_text(json.dumps(suite, indent=4))
    assert diff_suites(git_history.suites_at("HEAD", repository), git_history.working_suites(repository)) == []


def test_a_branch_is_held_against_where_it_left_main(repository: Path, write: Write) -> None:
    branch_point = run_git(repository, "rev-parse", "HEAD")
    run_git(repository, "checkout", "-q", "-b", "work")
    write(change_kwargs(QUANTITY, max_value=500))
    commit_all(repository, "one")
    commit_all(repository, "two")
    assert git_history.base_commit(repository) == branch_point


def test_main_is_held_against_the_commit_before(repository: Path) -> None:
    before = run_git(repository, "rev-parse", "HEAD")
    commit_all(repository, "more")
    assert git_history.base_commit(repository) == before


def test_main_with_contracts_changed_is_held_against_its_last_commit(repository: Path, write: Write) -> None:
    last = commit_all(repository, "more")
    write(change_kwargs(QUANTITY, max_value=500))
    assert git_history.base_commit(repository) == last


def test_without_a_commit_before_it_is_wrong_use(repository: Path) -> None:
    with pytest.raises(WrongUse, match="there is no commit 'HEAD~' here"):
        git_history.base_commit(repository)


@pytest.mark.parametrize("revision", ["nowhere", "--all", "HEAD:expectations"])
def test_what_is_no_commit_is_wrong_use(revision: str, repository: Path) -> None:
    with pytest.raises(WrongUse, match="there is no commit"):
        git_history.suites_at(revision, repository)


def test_a_folder_without_git_is_wrong_use(write: Write) -> None:
    with pytest.raises(WrongUse, match="there is no commit 'HEAD' here"):
        git_history.base_commit(write())


@pytest.fixture
def answering(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository, as the one that the command looks at."""
    for name in ("suites_at", "working_suites", "base_commit", "resolve_commit"):
        function = getattr(git_history, name)
        bound = {name: lambda *arguments, function=function: function(*arguments, root=repository)}
        monkeypatch.setattr(f"sluice.contracts.diff.command.{name}", bound[name])
    return repository


def test_the_command_ends_with_1_where_a_version_is_not_enough(
    answering: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(and_version("2.1.0", change_kwargs(QUANTITY, max_value=500), change_kwargs(REGION, value_set=REGIONS)))
    assert main(["diff", "HEAD"]) == 1
    stdout = capsys.readouterr().out
    assert f"breaking for producers {QUANTITY}: at most 1000 → 500, tightened" in stdout
    assert f"breaking for consumers {REGION}: now also AF-SOUTH, loosened" in stdout
    assert "version 2.0.0 → 2.1.0: a major change needs at least 3.0.0; raise meta.version" in stdout


def test_the_command_ends_with_0_where_it_is(answering: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write(and_version("3.0.0", change_kwargs(QUANTITY, max_value=500)))
    assert main(["diff", "HEAD", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["enough"] is True
    assert report["suites"][0]["version"] == {
        "from": "2.0.0",
        "to": "3.0.0",
        "step": "major",
        "least": "3.0.0",
        "enough": True,
    }
    assert report["suites"][0]["changes"] == [
        {"subject": QUANTITY, "words": "at most 1000 → 500", "how": "tightened", "label": PRODUCERS}
    ]


def test_markdown_is_a_table_that_no_value_can_break(
    answering: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(and_version("2.0.1", change_meta(owner="a|b\n<script>*")))
    assert main(["diff", "HEAD", "--markdown"]) == 0
    stdout = capsys.readouterr().out
    assert "| documentation | `owner` | `trades-data → a\\|b\\n<script>*` | reworded |" in stdout
    assert "✅ version 2.0.0 → 2.0.1, as a patch change needs." in stdout


def test_it_answers_within_three_seconds_of_processor() -> None:
    processor_before = _processor_seconds()
    completed = subprocess.run(
        [sys.executable, "-m", "sluice", "diff", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert completed.returncode in (0, 1), completed.stderr
    assert "to the working tree" in completed.stdout
    assert _processor_seconds() - processor_before < 3


def _processor_seconds() -> float:
    # Not the clock: a busy machine makes nobody's command slower.
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def diffs_by_path(repository: Path) -> dict[str, SuiteDiff]:
    return {
        suite_diff.path: suite_diff
        for suite_diff in diff_suites(git_history.suites_at("HEAD", repository), git_history.working_suites(repository))
    }


PATTERN, LENGTHS = "expect_column_values_to_match_regex", "expect_column_value_lengths_to_be_between"
FORM = "trades.transaction_id.format"
NOTES: dict[str, tuple[Change, Change, Change, str]] = {
    "a value": (
        dict,
        dict,
        change_kwargs("trades.region.known", value_set=REGIONS),
        f"trades.region.known now allows AF-SOUTH, which {REGION} of the output still refuses: region is one of ",
    ),
    "a null": (
        dict,
        dict,
        drop_rule("trades.region.present"),
        "trades.region.present now allows what it refused, which trades.region.kept of the output still refuses",
    ),
    "some nulls": (
        dict,
        dict,
        change_kwargs("trades.region.present", mostly=0.9),
        "trades.region.present now allows rows that it refused, which trades.region.kept of the output still refuses",
    ),
    "a pattern": (
        with_rule_added(PATTERN, "trades.region.form", column="region", regex="^[A-Z]+-[A-Z]+$"),
        with_rule_added(PATTERN, column="region", regex="^[A-Z]+-[A-Z]+$"),
        change_kwargs("trades.more", regex="^[A-Z]+-[A-Z0-9]+$"),
        "trades.more now allows more texts, which trades.region.form of the output still refuses",
    ),
    "a length": (
        with_rule_added(LENGTHS, "trades.region.length", column="region", max_value=10),
        with_rule_added(LENGTHS, column="region", max_value=10),
        change_kwargs("trades.more", max_value=20),
        "trades.more now allows region has at most 20 characters, which trades.region.length of the output still refuses",
    ),
    "a value that a pattern refuses": (
        with_rule_added(PATTERN, "trades.region.form", column="region", regex="^[A-Z]+-[A-Z]+$"),
        with_rule_added("expect_column_values_to_be_in_set", column="customer_id", value_set=["CUST1"]),
        apply_all(
            drop_rule("trades.more"),
            with_rule_added("expect_column_values_to_be_in_set", column="region", value_set=["x"]),
        ),
        "",
    ),
}


@pytest.mark.parametrize("what", NOTES)
def test_what_the_input_now_allows_and_the_output_still_refuses_is_noted(
    what: str, repository: Path, write: Write
) -> None:
    output, input_change, change, note = NOTES[what]
    write(output, input_change)
    commit_all(repository, "before")
    write(output, apply_all(input_change, and_version("9.0.0", change)))
    (suite_diff,) = diffs_by_path(repository).values()
    assert suite_diff.path == INPUT
    assert [diff_note for diff_note in suite_diff.notes if note and diff_note.startswith(note)] == list(
        suite_diff.notes
    )
    assert len(suite_diff.notes) == bool(note)


def test_what_both_suites_allow_is_not_noted(repository: Path, write: Write) -> None:
    write(
        and_version("9.0.0", change_kwargs(REGION, value_set=REGIONS)),
        and_version("9.0.0", change_kwargs("trades.region.known", value_set=REGIONS)),
    )
    assert [suite_diff.notes for suite_diff in diffs_by_path(repository).values()] == [(), ()]


def test_what_the_output_now_allows_and_the_input_still_refuses_is_noted(repository: Path, write: Write) -> None:
    write(and_version("9.0.0", change_kwargs(REGION, value_set=REGIONS)))
    (note,) = diffs_by_path(repository)[OUTPUT].notes
    assert note.startswith(f"{REGION} now allows AF-SOUTH, which trades.region.known of the input still refuses")


def test_an_inputs_rule_that_is_dropped_concerns_readers_where_the_output_does_not_demand_the_same(
    repository: Path, write: Write
) -> None:
    input_change = with_rule_added("expect_column_values_to_match_regex", column="region", regex="^[A-Z-]+$")
    write(dict, input_change)
    commit_all(repository, "before")
    write(dict, and_version("9.0.0", drop_rule("trades.region.present")))
    labels = {change.subject: change.label for change in diffs_by_path(repository)[INPUT].changes}
    assert labels == {"trades.more": CONSUMERS, "trades.region.present": LOOSENED}


MIGRATIONS: dict[str, tuple[Change, str, str]] = {
    "a type that is no wider one": (
        change_column(3, type="string"),
        "column `quantity` is int, declared is string",
        "new name",
    ),
    "a column less": (
        apply_all(change_column(7, name="amount"), drop_rule("trades.total_amount.computed")),
        "column `total_amount` (decimal(10,2)) is in the table, but not declared",
        "RENAME COLUMN `total_amount` TO `amount`",
    ),
    "other partitions": (
        change_meta(partition_by=["day(transaction_date)"]),
        "partitioned by region, month(transaction_date), declared is day(transaction_date)",
        "REPLACE PARTITION FIELD months(`transaction_date`) WITH days(`transaction_date`)",
    ),
}


@pytest.mark.parametrize("what", MIGRATIONS)
def test_what_a_run_will_refuse_to_do_to_the_table_is_told_with_the_ways_out(what: str) -> None:
    change, refused, way_out = MIGRATIONS[what]
    old, new = copy.deepcopy(TRADES["output"]), copy.deepcopy(TRADES["output"])
    change(new)
    (refusal,) = migrations_of(contract_of(old), _load_contract(new))
    assert refusal.what == refused
    assert way_out in str(refusal)


def _load_contract(suite: Suite) -> Contract:
    """Read what a change left, whose rules on other columns would not load."""
    names = {column["name"] for column in suite["meta"]["columns"]}
    suite["expectations"] = [rule for rule in suite["expectations"] if rule["kwargs"].get("column", "region") in names]
    return contract_of(suite)


@pytest.mark.parametrize(
    "change", [change_column(3, type="bigint"), change_kwargs(QUANTITY, max_value=5), change_meta(key=["region"])]
)
def test_what_a_table_follows_by_itself_needs_no_migration(change: Change) -> None:
    new = copy.deepcopy(TRADES["output"])
    change(new)
    assert migrations_of(contract_of(copy.deepcopy(TRADES["output"])), contract_of(new)) == ()


def test_the_command_tells_notes_and_migrations_in_every_form(
    answering: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        and_version("3.0.0", change_meta(partition_by=["region"])),
        and_version("9.0.0", drop_rule("trades.region.present")),
    )
    expected = "trades.region.present now allows", "partitioned by region, month(transaction_date), declared is region"
    for form in ([], ["--markdown"], ["--json"]):
        assert main(["diff", "HEAD", *form]) == 0
        stdout = capsys.readouterr().out
        assert all(text in stdout for text in expected), stdout
    output = next(suite for suite in json.loads(stdout)["suites"] if suite["file"] == OUTPUT)
    assert output["migrations"][0]["ways"][1]["statements"] == [
        "ALTER TABLE lake.<database>.trades DROP PARTITION FIELD months(`transaction_date`)"
    ]


def test_a_dataset_that_comes_or_goes_says_what_happens_to_whom(repository: Path) -> None:
    orders, buyers = repository / "expectations/orders", repository / "expectations/buyers"
    for folder in (orders, buyers):
        folder.mkdir()
    for stage in ("input", "output"):
        (buyers / f"{stage}.json").write_text((LAKE / f"expectations/buyers/{stage}.json").read_text())
    commit_all(repository, "buyers")
    for stage in ("input", "output"):
        (buyers / f"{stage}.json").unlink()
        suite = (repository / f"expectations/trades/{stage}.json").read_text().replace("trades.", "orders.")
        (orders / f"{stage}.json").write_text(suite)
    first_changes = {
        path: (suite_diff.changes[0].words, suite_diff.changes[0].label)
        for path, suite_diff in diffs_by_path(repository).items()
    }
    assert first_changes["expectations/buyers/input.json"] == (
        "files below buyers/ are no longer read",
        PRODUCERS,
    )
    assert first_changes["expectations/buyers/output.json"] == (
        "table buyers gets no more rows, and keeps those that it has; orders, trades, which name it, are refused until "
        "they do not",
        CONSUMERS,
    )
    assert first_changes["expectations/orders/input.json"][0].endswith(
        "; producers may send csv files below orders/; nobody has to do anything"
    )
    assert first_changes["expectations/orders/output.json"][0].endswith(
        "; readers get a table orders; nobody has to do anything"
    )


def test_what_the_other_suite_refused_before_is_no_news_to_producers(repository: Path, write: Write) -> None:
    pattern = "expect_column_values_to_match_regex"
    write(with_rule_added(pattern, "trades.region.form", column="region", regex="^[A-Z]+-[A-Z]+$"))
    commit_all(repository, "before")
    narrow = with_rule_added(pattern, "trades.region.short", column="region", regex="^[A-Z]{2}-[A-Z]+$")
    looser = with_rule_added(pattern, "trades.region.upper", column="region", regex="^[A-Z-]+$")
    write(
        with_rule_added(pattern, "trades.region.form", column="region", regex="^[A-Z]+-[A-Z]+$"),
        and_version("9.0.0", narrow, looser),
    )
    changes = {change.subject: (change.label, change.words) for change in diffs_by_path(repository)[INPUT].changes}
    assert changes["trades.region.short"][0] == PRODUCERS
    assert changes["trades.region.upper"] == (
        DOCUMENTATION,
        "region matches ^[A-Z-]+$; trades.region.form refused such rows before",
    )


def test_the_schema_that_an_editor_reads_is_no_change_of_a_contract() -> None:
    assert changes_after(lambda suite: suite.update({"$schema": "../schema.json"})) == []
