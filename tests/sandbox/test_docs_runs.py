"""The site tells the latest run and the latest bad day, from a folder or a bucket, and never a value about a person."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.contract.sample_values import MASK
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import ObjectVersion, RunState, Verdict
from etl.runtime.arguments import RunKind
from sluice.cli.app import main
from sluice.sandbox.demo.site_picture import build_demo_site
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.output import SandboxConsole
from sluice.site.assets_place import open_place
from sluice.site.build import build_site
from sluice.site.verdict_store import MOST_VERDICTS, newest_verdicts
from sluice.site.verdicts import RunSummary
from tests.keys import KEYS
from tests.lake import LAKE
from tests.made_results.made_lake import make_lake
from tests.unit.contracts.pages import Html, unresolved_links
from tests.unit.contracts.test_docs import HOSTILE

BROKEN = RuleResult(
    "trades.region.known", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 3, ("MARS", None), "No owner."
)
ASIDE = RuleResult(
    "trades.customer_id.known", Stage.OUTPUT, Severity.WARNING, RuleState.BROKEN, 2, ("CUST9",), "Nobody."
)
HELD = RuleResult("trades.quantity.present", Stage.INPUT, Severity.CRITICAL, RuleState.HELD)


def make_verdict(run: str, hour: int, *rules: RuleResult, dataset: str = "trades", **changed: Any) -> dict[str, Any]:
    """Return a verdict file's content; FAILED where a rule broke that is critical, unless said otherwise."""
    started = f"2026-01-31T{hour:02}:00:00+00:00"
    broken = any(rule.severity == "critical" and rule.broken for rule in rules)
    state = RunState(changed.pop("state", "FAILED" if broken else "SUCCEEDED"))
    message = changed.pop("message", f"told by {run}")
    run_verdict = Verdict(dataset, run, "job", started, state, message, {"input": "1.0.0"}, rules=[*rules], **changed)
    return json.loads(json.dumps(run_verdict.as_json()))


def write_verdicts(folder: Path, *verdicts: dict[str, Any]) -> None:
    for payload in verdicts:
        file = folder / payload["dataset"] / f"{payload['run_id']}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(payload))


def load_contracts(dataset: str) -> dict[str, tuple[Contract, Contract]]:
    input_contract, published = (
        parse_contract((LAKE / "expectations" / dataset / f"{stage}.json").read_text(), stage)
        for stage in ("input", "output")
    )
    return {dataset: (input_contract, published)}


def built_page(tmp_path: Path, *verdicts: dict[str, Any], dataset: str = "trades") -> Html:
    """Build the site of one dataset from a folder with these verdicts, and return its page."""
    write_verdicts(tmp_path / "given", *verdicts)
    build_site(load_contracts(dataset), tmp_path / "site", [open_place(str(tmp_path / "given"))], root=tmp_path)
    return Html(tmp_path / "site" / dataset / "index.html")


def test_the_latest_run_and_the_latest_refused_one_are_told(tmp_path: Path) -> None:
    days = [
        make_verdict("jr_0", 1, BROKEN, message="an older bad day"),
        make_verdict("jr_2", 2, BROKEN, HELD, message="the bad day"),
        make_verdict("jr_1", 3, HELD, rows_read=1234567, rows_published=1234567, message="the good day"),
    ]
    text = built_page(tmp_path, *reversed(days)).text("runs")
    assert "The latest published the good day Began 2026-01-31 03:00 UTC" in text
    assert "Rows read 1,234,567 Published 1,234,567 Set aside 0" in text
    assert "The last bad days 2026-01-31 02:00 UTC refused Began 2026-01-31 02:00 UTC" in text
    assert "trades.region.known critical broken by 3 region is one of US-EAST" in text
    assert "MARS null No owner. Held 1 rule Run jr_2 the bad day" in text
    assert text.index("the bad day") < text.index("an older bad day")
    assert "sample" not in text
    assert "published 2026-01-31 03:00 UTC" in Html(tmp_path / "site/index.html").text()


def test_a_latest_run_that_was_refused_is_told_once(tmp_path: Path) -> None:
    text = built_page(tmp_path, make_verdict("jr_1", 1, BROKEN)).text("runs")
    assert text.startswith("Runs The latest refused Began")
    assert "bad days" not in text


@pytest.mark.parametrize(
    ("payload", "outcome"),
    [
        (make_verdict("jr_1", 1, HELD), ("published", "good")),
        (make_verdict("jr_1", 1, ASIDE, rows_quarantined=2), ("published, 2 set aside", "aside")),
        (make_verdict("jr_1", 1, nothing_unread=True), ("nothing new", "quiet")),
        (make_verdict("jr_1", 1, ASIDE, state="FAILED"), ("failed", "bad")),
        (make_verdict("jr_1", 1, BROKEN), ("refused", "bad")),
        (make_verdict("jr_1", 1, HELD, kind=RunKind.REPLAY), ("replay: published", "good")),
        (make_verdict("jr_1", 1, BROKEN, kind=RunKind.REPLAY), ("replay: refused", "bad")),
    ],
)
def test_what_became_of_a_run_is_said(payload: dict[str, Any], outcome: tuple[str, str]) -> None:
    assert RunSummary.from_verdict(payload).outcome == outcome


def test_a_verdict_of_before_there_were_kinds_is_that_of_a_run() -> None:
    payload = make_verdict("jr_1", 1, HELD)
    del payload["kind"]
    assert RunSummary.from_verdict(payload).outcome == ("published", "good")


def test_a_replay_that_failed_is_a_bad_day_and_not_how_the_dataset_stands(tmp_path: Path) -> None:
    text = built_page(
        tmp_path,
        make_verdict("jr_1", 1, HELD, message="the good day"),
        make_verdict("jr_2", 2, BROKEN, kind=RunKind.REPLAY, message="the replay"),
    ).text("runs")
    assert "The latest published the good day" in text
    assert "2026-01-31 02:00 UTC replay: refused" in text


def test_a_rule_that_waits_for_another_dataset_is_said_not_to_be_evaluated(tmp_path: Path) -> None:
    waits = RuleResult("trades.customer_id.known", Stage.OUTPUT, Severity.WARNING, RuleState.NOT_EVALUATED)
    text = built_page(tmp_path, make_verdict("jr_1", 1, HELD, waits)).text("runs")
    assert "Held 1 rule Not evaluated trades.customer_id.known nothing to compare with, or not of such a run" in text


def test_data_docs_that_lie_beside_the_verdicts_are_taken_along_and_linked(tmp_path: Path) -> None:
    write_verdicts(tmp_path / "assets/verdicts", make_verdict("jr_1", 1, HELD), make_verdict("jr_2", 2, BROKEN))
    for run in ("jr_1", "jr_2"):
        (tmp_path / "assets/docs/trades" / run).mkdir(parents=True)
        (tmp_path / "assets/docs/trades" / run / "input.html").write_text(f"<p>{run}</p>")
    for folder in ("assets", "assets/verdicts"):
        out = tmp_path / folder.replace("/", "-")
        build_site(load_contracts("trades"), out, [open_place(str(tmp_path / folder))], root=tmp_path)
        links = Html(out / "trades/index.html").links
        assert [link for link in links if "runs/" in link] == ["runs/jr_2/input.html"]
        assert (out / "trades/runs/jr_2/input.html").read_text() == "<p>jr_2</p>"
        assert list(unresolved_links(out)) == []


def test_a_sample_is_told_with_its_place_and_keeps_it_where_it_is_masked(tmp_path: Path) -> None:
    first, second = Origin("buyers/a.csv", "1", 4), Origin("buyers/b.csv", "1")
    country = RuleResult(
        "buyers.country.format", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 2, ("Britain", "France")
    )
    email = RuleResult(
        "buyers.email.format", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 2, ("ada@home", "bob@home")
    )
    results = [replace(rule_result, places=(first, second)) for rule_result in (country, email)]
    text = built_page(tmp_path, make_verdict("jr_1", 1, *results, dataset="buyers"), dataset="buyers").text("runs")
    assert "Britain in buyers/a.csv row 4 France in buyers/b.csv" in text
    assert f"{MASK} in buyers/a.csv row 4" in text


def test_values_about_a_person_are_masked_even_where_the_verdict_shows_them(tmp_path: Path) -> None:
    secrets = ("ada@home", "Ada Byron", "a whole line", "an old rule's")
    rules = [
        RuleResult("buyers.email.format", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 1, ("ada@home",)),
        RuleResult("buyers.name.present", Stage.INPUT, Severity.WARNING, RuleState.BROKEN, 1, ("Ada Byron",)),
        RuleResult("buyers.structure.row", Stage.STRUCTURE, Severity.CRITICAL, RuleState.BROKEN, 1, ("a whole line",)),
        RuleResult("buyers.gone.rule", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 1, ("an old rule's", None)),
        RuleResult(
            "buyers.structure.cast.signup_date", Stage.STRUCTURE, Severity.CRITICAL, RuleState.BROKEN, 1, ("yesterday",)
        ),
        RuleResult("buyers.country.format", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 1, ("Britain",)),
    ]
    payload = make_verdict("jr_1", 1, *rules, dataset="buyers", message="broke: buyers.email.format (1: 'ada@home')")
    page = built_page(tmp_path, payload, dataset="buyers")
    assert not [secret for secret in secrets if secret in page.text() or secret in page.source]
    text = page.text("runs")
    assert text.count(MASK) == 4
    assert "Britain" in text
    assert "yesterday" in text
    assert "buyers broke its contract: buyers.email.format (1); buyers.name.present (1)" in text
    assert list(unresolved_links(tmp_path / "site")) == []


@pytest.mark.parametrize(("sample", "linked"), [(MASK, ["runs/jr_1/input.html"]), ("ada@home", [])])
def test_data_docs_that_show_what_is_personal_today_are_not_taken_along(
    sample: str, linked: list[str], tmp_path: Path
) -> None:
    rule = RuleResult("buyers.email.format", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 1, (sample,))
    docs = tmp_path / "docs/buyers/jr_1"
    docs.mkdir(parents=True)
    (docs / "input.html").write_text(f"<p>{sample}</p>")
    page = built_page(tmp_path, make_verdict("jr_1", 1, rule, dataset="buyers"), dataset="buyers")
    assert [link for link in page.links if "runs/" in link] == linked
    written = "".join(path.read_text() for path in (tmp_path / "site").rglob("*.html"))
    assert "ada@home" not in written


def test_a_message_that_is_masked_already_is_told_as_it_is(tmp_path: Path) -> None:
    masked = RuleResult("buyers.email.format", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 1, (MASK,))
    payload = make_verdict("jr_1", 1, masked, dataset="buyers", message="as the job said it")
    assert "as the job said it" in built_page(tmp_path, payload, dataset="buyers").text("runs")


def test_what_a_verdict_says_stays_text(tmp_path: Path) -> None:
    rule = RuleResult(HOSTILE, Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 1, (HOSTILE, None), HOSTILE)
    hostile_result = RuleResult(
        "trades.region.known", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 1, (HOSTILE,), HOSTILE
    )
    payload = make_verdict("jr_1", 1, rule, hostile_result, message=HOSTILE, objects=[ObjectVersion(HOSTILE, "1")])
    payload |= {"started": HOSTILE, "contracts": {HOSTILE: HOSTILE}}
    page = built_page(tmp_path, payload)
    assert page.loaded_resources == []
    assert "4277" not in page.source
    assert page.text("runs").count(HOSTILE) >= 9
    assert Html(tmp_path / "site/index.html").loaded_resources == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'"text"',
        json.dumps(make_verdict("../../../x", 1, BROKEN)).encode(),
        json.dumps(make_verdict("", 1, BROKEN)).encode(),
        json.dumps({**make_verdict("jr_1", 1), "rules": [1]}).encode(),
        json.dumps({**make_verdict("jr_1", 1), "rows_read": 1e999}).encode(),
        json.dumps({**make_verdict("jr_1", 1), "run_id": 7}).encode(),
    ],
)
def test_a_file_that_is_no_verdict_is_left_out_and_named(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_verdicts(tmp_path / "given", make_verdict("jr_9", 9, HELD))
    (tmp_path / "given/trades/odd.json").write_bytes(content)
    assert "The latest published" in built_page(tmp_path).text("runs")
    assert "given/trades/odd.json: " in capsys.readouterr().err
    assert not [path for path in tmp_path.rglob("*.html") if (tmp_path / "site") not in path.parents]


def test_the_command_takes_several_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_verdicts(tmp_path / "one", make_verdict("jr_1", 1, HELD))
    write_verdicts(
        tmp_path / "two",
        make_verdict("jr_2", 2, HELD, dataset="buyers"),
        make_verdict("jr_0", 4, ASIDE, rows_quarantined=2),
    )
    write_verdicts(tmp_path / "two", make_verdict("jr_5", 3, HELD))
    places = [str(tmp_path / "one"), str(tmp_path / "two")]
    assert main(["docs", "--out", str(tmp_path / "site"), "--verdicts", *places, "--markdown"]) == 0
    stdout = capsys.readouterr().out
    assert "| `published, 2026-01-31 02:00 UTC` |" in stdout
    assert "| `published, 2 set aside, 2026-01-31 04:00 UTC` |" in stdout
    assert stdout.count("no run told") == 2  # goods and trades by day


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """A bucket in the emulator, where the command's own surroundings lead to."""
    for name, value in KEYS.as_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    name = f"site-{abs(hash(request.node.name))}"
    s3: Any = boto3.resource("s3")
    new_bucket = s3.Bucket(name)
    new_bucket.create(CreateBucketConfiguration={"LocationConstraint": REGION})
    return new_bucket


def test_a_bucket_is_read_as_the_job_writes_it(bucket: Any, tmp_path: Path) -> None:
    for payload in (
        make_verdict("jr_1", 1, BROKEN, message="the bad day"),
        make_verdict("jr_2", 2, HELD, message="the good day"),
    ):
        for name in (payload["run_id"], "latest"):
            bucket.put_object(Key=f"verdicts/trades/{name}.json", Body=json.dumps(payload).encode())
    bucket.put_object(Key="docs/trades/jr_1/output.html", Body=b"<p>1</p>")
    build_site(
        load_contracts("trades"), tmp_path / "site", [open_place(f"s3://{bucket.name}/verdicts/")], root=tmp_path
    )
    page = Html(tmp_path / "site/trades/index.html")
    assert "The latest published the good day" in page.text("runs")
    assert "The last bad days 2026-01-31 01:00 UTC refused" in page.text("runs")
    assert [link for link in page.links if "runs/" in link] == ["runs/jr_1/output.html"]


def test_the_results_of_a_bucket_are_told_by_month_and_by_day(
    bucket: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    today = datetime.now(UTC).date()
    lake = make_lake(tmp_path, 1, 60, until=today)
    for path in sorted(lake.assets.rglob("*.json*")):
        bucket.put_object(Key=path.relative_to(lake.assets).as_posix(), Body=path.read_bytes())
    bucket.put_object(Key=f"results/runs/dataset=orders/day={today}/odd.jsonl", Body=b"{")
    assert main(["docs", "--out", str(tmp_path / "site"), "--results", f"s3://{bucket.name}"]) == 0
    output = capsys.readouterr()
    assert "orders  retired: results and no contract" in output.out
    assert (
        f"left out s3://{bucket.name}/results/runs/dataset=orders/day={today}/odd.jsonl: it is not JSON" in output.err
    )
    build_site(lake.pairs, tmp_path / "folder", [open_place(str(lake.assets))], root=tmp_path)
    build_site(lake.pairs, tmp_path / "bucket", [open_place(f"s3://{bucket.name}")], root=tmp_path)
    days = [Html(tmp_path / name / "orders/index.html").text("days") for name in ("folder", "bucket")]
    assert days[0] == days[1]
    assert days[0].count("published") > 40


@pytest.mark.parametrize("has_browser", [True, False])
def test_the_demo_ends_with_the_site_and_says_where_it_and_its_picture_are(
    has_browser: bool,
    bucket: Any,
    endpoint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\nfor flag; do case $flag in --screenshot=*) echo 1 >"${flag#*=}";; esac; done\n')
    browser.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(browser if has_browser else tmp_path / "none"))
    bucket.put_object(Key="verdicts/trades/latest.json", Body=json.dumps(make_verdict("jr_1", 1, HELD)).encode())
    dataset: Any = SimpleNamespace(
        arguments={"--verdicts": f"s3://{bucket.name}/verdicts/trades/"},
        emulator=SimpleNamespace(endpoint=endpoint, keys=KEYS),
    )
    build_demo_site(SandboxConsole(), dataset, tmp_path)
    output = "".join(capsys.readouterr().out.split())
    assert f"{tmp_path}/.site/index.html" in output
    assert (f"{tmp_path}/.site/overview.png" in output) is has_browser is (tmp_path / ".site/overview.png").is_file()
    assert ("nopictureofit" in output) is not has_browser


def test_a_bucket_is_searched_no_further_back_than_said(bucket: Any, tmp_path: Path) -> None:
    bucket.put_object(Key="verdicts/trades/jr_0.json", Body=json.dumps(make_verdict("jr_0", 0, BROKEN)).encode())
    for number in range(1, MOST_VERDICTS + 1):
        payload = make_verdict(f"jr_{number}", number % 24, HELD)
        bucket.put_object(Key=f"verdicts/trades/jr_{number}.json", Body=json.dumps(payload).encode())
    runs = newest_verdicts(open_place(f"s3://{bucket.name}/verdicts"), "trades")
    assert {run.run_id for run in runs} == {f"jr_{number}" for number in range(MOST_VERDICTS, 0, -1)}


def test_a_bucket_that_does_not_answer_is_wrong_use(
    bucket: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = f"s3://{bucket.name}-gone/verdicts/"
    assert main(["docs", "--out", str(tmp_path / "site"), "--verdicts", place]) == 2
    assert f"s3://{bucket.name}-gone/results/runs/dataset= cannot be read: " in capsys.readouterr().err
