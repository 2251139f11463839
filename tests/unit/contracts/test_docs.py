"""The site tells every contract whole, loads nothing, and takes contracts and verdicts for what they are: text."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from components.settings.lake_folder import ROOT
from etl.contract.loading import contract_of
from etl.contract.model import Contract
from sluice.cli.app import main
from sluice.contracts.rule_words import in_words
from sluice.contracts.suite_files import find_suites, suite_file
from sluice.site.build import build_site
from tests.lake import LAKE
from tests.lake.mutations import TRADES, Suite
from tests.unit.contracts.pages import Html, unresolved_links

DATASETS = sorted(path.name for path in (LAKE / "expectations").iterdir() if path.is_dir())
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\" onmouseover='x' {{ 7 * 611 }}"
SECONDS = 3


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the tests' contracts, with a bad day of theirs as the sample, as the command writes it."""
    out = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sluice.site.runs.SAMPLE", LAKE / "bad_day")
        assert main(["docs", "--out", str(out)]) == 0
    return out


def load_contracts(dataset: str) -> list[Contract]:
    loaded = [suite_file(path).contract for path in find_suites([str(LAKE / "expectations" / dataset)])]
    assert len(loaded) == 2
    return [contract for contract in loaded if contract]


def load_page(site: Path, dataset: str) -> Html:
    return Html(site / dataset / "index.html")


def run_git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def load_suites(root: Path, change: object = None) -> dict[str, tuple[Contract, Contract]]:
    """Write the trades suites, changed, under a folder and return their contracts."""
    plain: dict[str, Suite] = {stage: json.loads(json.dumps(suite)) for stage, suite in TRADES.items()}
    if callable(change):
        for suite in plain.values():
            change(suite)
    folder = root / "expectations" / "trades"
    folder.mkdir(parents=True, exist_ok=True)
    for stage, suite in plain.items():
        (folder / f"{stage}.json").write_text(json.dumps(suite, indent=1))
    return {"trades": (contract_of(plain["input"]), contract_of(plain["output"]))}


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_rule_is_told_in_words_with_severity_and_why_at_its_id(site: Path, dataset: str) -> None:
    dataset_page = load_page(site, dataset)
    for contract in load_contracts(dataset):
        for rule in contract.rules:
            text = dataset_page.text(rule.rule)
            assert text == f"{in_words(rule)} {rule.why} {rule.severity} {rule.rule}"


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_column_is_told_with_type_and_meaning_and_whether_it_is_personal(site: Path, dataset: str) -> None:
    dataset_page = load_page(site, dataset)
    for contract in load_contracts(dataset):
        text = dataset_page.text(contract.stage)
        for column in contract.columns:
            personal = "personal " if column.pii else ""
            assert f"{column.name} {personal}{column.type} {column.description}" in text


def test_terms_are_told_in_words(site: Path) -> None:
    trades_page = load_page(site, "trades")
    assert "CSV with a header" in trades_page.text("input")
    text = trades_page.text("output")
    assert "no two rows have the same transaction_id" in text
    assert "by region and by month of transaction_date" in text
    assert "published at least every 26 hours, or an alarm rings" in text
    assert "rows that break 2 rules, up to 50 % of a run; above, it fails" in text
    assert "customer_id is looked up as customer_id of buyers" in text


def test_rules_that_no_suite_states_are_told_too(site: Path) -> None:
    trades_page = load_page(site, "trades")
    assert "quantity is written plainly as int and fits it whole" in trades_page.text("trades.structure.cast.quantity")
    assert "at most 50 % of the rows are set aside" in trades_page.text("trades.structure.quarantined.output")
    assert "copy the file again from where it came" in trades_page.text("trades.structure.gzip")
    columnar = load_page(site, "goods")
    assert "trades.structure.schema" not in trades_page.texts
    assert "goods.structure.schema" in columnar.texts
    assert "goods.structure.header" not in columnar.texts
    assert "goods.structure.cast.list_price" not in columnar.texts


def test_every_rule_of_a_real_verdict_has_its_place(site: Path) -> None:
    [sample] = (LAKE / "bad_day/verdicts/trades").glob("*.json")
    rules = [rule["rule"] for rule in json.loads(sample.read_text())["rules"]]
    assert len(rules) > 30
    odd = {"trades.structure.schema"}  # of files with types; a CSV never breaks it
    assert {rule for rule in rules if rule not in load_page(site, "trades").texts} == odd


def test_the_index_tells_owner_version_freshness_and_the_latest_run(site: Path) -> None:
    text = Html(site / "index.html").text()
    assert DATASETS
    for dataset in DATASETS:
        published = load_contracts(dataset)[1]
        assert f"{dataset} Owner {published.owner} {published.description} no run told" in text
        assert f"promised within {published.freshness_hours} hours" in text
    assert "No results were read." in text


def test_without_a_verdict_the_sample_of_a_bad_day_is_shown_and_said_to_be_one(site: Path) -> None:
    text = load_page(site, "trades").text("runs")
    assert "A bad day sample refused No run of this lake" in text
    assert "trades.quantity.range critical broken by 1 quantity is at least 1 and at most 1000 -2 A sale moves" in text
    assert "No verdict was given" in load_page(site, "buyers").text("runs")


def test_all_links_lead_somewhere(site: Path) -> None:
    assert list(unresolved_links(site)) == []
    assert sum(link.startswith("runs/") for link in load_page(site, "trades").links) == 2


def test_no_page_loads_or_runs_anything(site: Path) -> None:
    pages = [Html(path) for path in site.rglob("*.html")]
    of_rules = [page for page in pages if page.path.parent.name == "rules"]
    assert len(of_rules) > 100
    assert len(pages) - len(of_rules) == len(DATASETS) + 4  # the overview, all rules, and two of Data Docs
    for html_page in pages:
        assert html_page.loaded_resources == []
        assert not [link for link in html_page.links if ":" in link and link != "data:,"]
        assert "default-src 'none'" in html_page.source


def test_what_a_contract_says_stays_text(tmp_path: Path) -> None:
    def make_hostile(suite: Suite) -> None:
        suite["meta"].update(owner=HOSTILE, description=HOSTILE)
        suite["meta"]["columns"][0]["description"] = HOSTILE
        for expectation in suite["expectations"]:
            expectation["meta"]["why"] = HOSTILE
            if "regex" in expectation["kwargs"]:
                expectation["kwargs"]["regex"] = HOSTILE.replace("{{ 7 * 611 }}", "")

    build_site(load_suites(tmp_path, make_hostile), tmp_path / "site", [], root=tmp_path)
    for name in ("index.html", "trades/index.html"):
        html_page = Html(tmp_path / "site" / name)
        assert html_page.loaded_resources == []
        assert "4277" not in html_page.source
        assert HOSTILE in html_page.text()
    assert Html(tmp_path / "site/trades/index.html").text().count(HOSTILE) > len(TRADES["output"]["expectations"])


def test_each_version_is_told_in_words_the_newest_first(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--initial-branch=main")
    run_git(tmp_path, "config", "user.email", "a@b.c")
    run_git(tmp_path, "config", "user.name", "a")

    def raise_version(version: str, most: int) -> object:
        def set_version(suite: Suite) -> None:
            for expectation in suite["expectations"]:
                if expectation["meta"]["rule"] == "trades.quantity.range":
                    expectation["kwargs"]["max_value"] = most
                    suite["meta"]["version"] = version

        return set_version

    for version, most, subject in (("1.0.0", 1000, "First"), ("2.0.0", 500, "Halve <it>")):
        load_suites(tmp_path, raise_version(version, most))
        run_git(tmp_path, "add", ".")
        run_git(tmp_path, "commit", "--quiet", "-m", subject)
    pairs = load_suites(tmp_path, raise_version("3.0.0", 400))
    build_site(pairs, tmp_path / "site", [], root=tmp_path)
    text = Html(tmp_path / "site/trades/index.html").text("versions")
    changes = [
        "output 2.0.0 → 3.0.0 not committed yet trades.quantity.range: at most 500 → 400",
        "output 1.0.0 → 2.0.0",
        "Halve <it> trades.quantity.range: at most 1000 → 500, tightened breaking for producers",
        "First version 1.0.0, 7 columns, 13 rules",
    ]
    places = [text.find(change) for change in changes]
    assert -1 not in places
    assert places == sorted(places)


def test_a_query_that_came_and_went_is_no_change_of_a_contract(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--initial-branch=main")
    run_git(tmp_path, "config", "user.email", "a@b.c")
    run_git(tmp_path, "config", "user.name", "a")
    pairs = load_suites(tmp_path)
    query = tmp_path / "expectations/trades/queries/unknown.sql"
    query.parent.mkdir()
    query.write_text("-- What nobody asks.\nSELECT 1\n")
    for subject in ("Ask", "Ask no more"):
        run_git(tmp_path, "add", "--all")
        run_git(tmp_path, "commit", "--quiet", "-m", subject)
        query.unlink(missing_ok=True)
    build_site(pairs, tmp_path / "site", [], root=tmp_path)
    text = Html(tmp_path / "site/trades/index.html").text("versions")
    assert "Ask version 1.0.0" in text
    assert "Ask no more" not in text


def test_where_there_is_no_history_the_page_says_so(tmp_path: Path) -> None:
    build_site(load_suites(tmp_path), tmp_path / "site", [], root=tmp_path)
    assert "This copy has no Git history" in Html(tmp_path / "site/trades/index.html").text("versions")


def test_a_contract_that_does_not_load_ends_with_1_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load_suites(tmp_path)
    (tmp_path / "expectations/trades/output.json").write_text("{}")
    (tmp_path / "expectations/trades/input.json").rename(tmp_path / "expectations/trades/other.json")
    monkeypatch.setenv("SLUICE_LAKE", str(tmp_path))
    assert main(["docs", "--out", str(tmp_path / "site")]) == 1
    stderr = capsys.readouterr().err
    assert "output.json does not load" in stderr
    assert "input.json is missing" in stderr
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["--out", str(ROOT / "README.md")], "is no folder; name another with --out"),
        (["--verdicts", "nowhere"], "nowhere is no folder; name one with results or verdicts"),
        (["--verdicts", "s3://"], "s3:// is no folder"),
    ],
)
def test_what_cannot_be_meant_ends_with_2(
    typed: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["docs", *(typed if "--out" in typed else ["--out", str(tmp_path / "x"), *typed])]) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("form", ["--json", "--markdown"])
def test_the_command_says_what_it_wrote(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "--out", str(tmp_path / "site"), form]) == 0
    stdout = capsys.readouterr().out
    if form == "--json":
        assert [entry["dataset"] for entry in json.loads(stdout)["datasets"]] == DATASETS
        assert Path(json.loads(stdout)["index"]).is_file()
    else:
        assert all(f"| `{dataset}` |" in stdout for dataset in DATASETS)


def test_it_needs_neither_spark_nor_great_expectations_and_answers_in_time(tmp_path: Path) -> None:
    statement = f"import sys, time; from sluice.cli.app import main; main(['docs', '--out', {str(tmp_path)!r}])"
    measurement = (
        "print(time.process_time(), [name for name in ('pyspark', 'great_expectations') if name in sys.modules])"
    )
    command = [sys.executable, "-c", f"{statement}; {measurement}"]
    completed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, _, modules = completed.stdout.splitlines()[-1].partition(" ")
    assert modules == "[]"
    assert float(seconds) < SECONDS
