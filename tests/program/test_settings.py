"""A wrong configuration is refused with key, value and what the key takes, before anything is declared."""

import json
import re
from typing import Any

import pulumi
import pytest

from components import mock_run
from components.settings.config_reader import BadConfiguration
from components.settings.stack_settings import Settings, parse_settings
from components.tags import tag_faults
from sluice.program.graph import STACKS, FakeCloud, run_program, stack_config
from tests.lake import LAKE
from tests.program.deployed import deployed_datasets
from tests.program.deployment import ONE_DATASET


class Untouched(FakeCloud):
    """A cloud that counts what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.resources_requested: list[str] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.resources_requested.append(args.name)
        return super().new_resource(args)


def raw_settings(**changed: Any) -> dict[str, Any]:
    dev_settings = {
        key.removeprefix("sluice:"): value for key, value in stack_config("dev").items() if key.startswith("sluice:")
    }
    return dev_settings | changed


def make_settings(**changed: Any) -> Settings:
    return parse_settings(raw_settings(**changed), "dev", "eu-west-1")


WRONG = [
    ("prefix", "a" * 21, "takes 2 to 20 of a-z"),
    ("prefix", "Sluice", "takes 2 to 20 of a-z"),
    ("prefix", "sluice_", "takes 2 to 20 of a-z"),
    ("prefix", "awslake", "not with aws"),
    ("prefix", "sthree", "are not sthree"),
    ("prefix", "my-lake", "docs/deploying.md, Names of stacks"),
    ("prefix", "", "takes 2 to 20 of a-z"),
    ("worker_type", "G.3X", "takes G.1X or G.2X or G.4X or G.8X"),
    ("worker_type", "Standard", "takes G.1X or G.2X or G.4X or G.8X"),
    ("workers", "1", "takes a whole number from 2 to 299"),
    ("workers", "two", "takes a whole number from 2 to 299"),
    ("workers", "2.5", "takes a whole number from 2 to 299"),
    ("workers", "-2", "takes a whole number from 2 to 299"),
    ("workers", "٣", "takes a whole number from 2 to 299"),
    ("timeout", "0", "takes a whole number from 5 to 2880"),
    ("notify_after", "60", "takes a whole number from 1 to 59"),
    ("schedule", "0 6 * * *", "takes a schedule of six fields in UTC"),
    ("schedule", "cron(0 6 * * * *)", "takes a schedule of six fields in UTC"),
    ("schedule", "cron(0 25 * * ? *)", "takes a schedule of six fields in UTC"),
    ("schedule", "", "takes a schedule of six fields in UTC"),
    ("crawl", "daily", "or nothing"),
    ("alarm_email", "nobody", "takes an e-mail address"),
    ("alarm_email", "a b@example.com", "takes an e-mail address"),
    ("alarm_email", "me@localhost", "takes an e-mail address"),
    ("protect", "yes", "takes true or false"),
    ("active", "1", "takes true or false"),
    ("customer_key", "True", "takes true or false"),
    ("log_days", "10", "takes one of 1, 3, 5, 7, 14, 30"),
    ("noncurrent_days", "0", "takes a whole number from 1 to 3650"),
    ("raw_tier", "GLACIER", "takes INTELLIGENT_TIERING or STANDARD_IA or NONE"),
    ("raw_tier", "DEEP_ARCHIVE", "takes INTELLIGENT_TIERING or STANDARD_IA or NONE"),
    ("raw_expire_days", "30", "takes 0, or more than raw_tier_days, which is 30"),
    ("datasets", "trades", "takes a mapping with an entry for each dataset"),
    ("datasets", "5", "takes a mapping with an entry for each dataset"),
]


@pytest.mark.parametrize(("key", "value", "takes"), WRONG)
def test_a_wrong_value_is_refused_with_key_value_and_what_it_takes(key: str, value: str, takes: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        make_settings(**{key: value})
    message = str(refused.value)
    assert re.search(rf'sluice:{key} is "?{re.escape(value)}"?: takes ', message)
    assert takes in message


@pytest.mark.parametrize("key", sorted({key for key, _, _ in WRONG}))
def test_a_missing_value_is_refused_too(key: str) -> None:
    with pytest.raises(BadConfiguration, match=f"sluice:{key} is not set: takes"):
        parse_settings({k: v for k, v in raw_settings().items() if k != key}, "dev", "eu-west-1")


@pytest.mark.parametrize(
    ("datasets", "message"),
    [
        (
            {"refunds": {}},
            "sluice:datasets.refunds: takes a dataset with contracts, and expectations/refunds/input.json",
        ),
        ({"Trades": {}}, "sluice:datasets.Trades: takes a name of at most 20"),
        ({"../trades": {}}, "sluice:datasets.../trades: takes a name of at most 20"),
        ({"s" * 21: {}}, "takes a name of at most 20"),
        ({"trades": {"workers": 1}}, "sluice:datasets.trades.workers is 1: takes a whole number from 2 to 299"),
        ({"trades": {"workers": True}}, "sluice:datasets.trades.workers is true: takes a whole number"),
        ({"trades": {"worker": 4}}, "sluice:datasets.trades.worker is 4: takes nothing, no such key"),
        ({"trades": {"protect": True}}, "sluice:datasets.trades.protect is true: takes nothing, no such key"),
        ({"trades": {"schedule": "daily"}}, 'sluice:datasets.trades.schedule is "daily": takes a schedule'),
    ],
)
def test_a_wrong_dataset_is_refused_by_its_path(datasets: dict[str, Any], message: str) -> None:
    with pytest.raises(BadConfiguration, match=re.escape(message)):
        make_settings(datasets=json.dumps(datasets))


ENTRY = "takes a mapping of its own values, such as {}"


@pytest.mark.parametrize(
    ("datasets", "message"),
    [
        ("[]", "sluice:datasets is an empty list: takes a mapping with an entry for each dataset"),
        ('["trades", "buyers"]', "sluice:datasets is a list: takes a mapping with an entry for each dataset"),
        ("{}", "sluice:datasets is an empty mapping: takes a mapping with an entry for each dataset"),
        ("null", "sluice:datasets is null: takes a mapping with an entry for each dataset"),
        ('{"trades": {}', "such as orders: {}; as JSON it ends at Expecting ',' delimiter"),
        ('{"trades": null}', f"sluice:datasets.trades is null: {ENTRY}"),
        ('{"trades": ["buyers"]}', f"sluice:datasets.trades is a list: {ENTRY}"),
        ('{"trades": []}', f"sluice:datasets.trades is an empty list: {ENTRY}"),
        ('{"trades": "x"}', f'sluice:datasets.trades is "x": {ENTRY}'),
        ('{"trades": 2}', f"sluice:datasets.trades is 2: {ENTRY}"),
        ('{"trades": false}', f"sluice:datasets.trades is false: {ENTRY}"),
        ('{"trades": {"needs": "buyers"}}', 'sluice:datasets.trades.needs is "buyers": takes a list of datasets'),
        ('{"trades": {"needs": {"buyers": {}}}}', 'sluice:datasets.trades.needs is {"buyers": {}}: takes a list'),
        ('{"trades": {"needs": null}}', "sluice:datasets.trades.needs is null: takes a list of datasets"),
        ('{"trades": {"needs": [1]}}', "sluice:datasets.trades.needs is [1]: takes a list of datasets"),
        ('{"trades": {"workers": [2]}}', "sluice:datasets.trades.workers is [2]: takes a whole number from 2 to 299"),
        ('{"trades": {"workers": null}}', "sluice:datasets.trades.workers is null: takes a whole number"),
        ('{"trades": {"active": "yes"}}', 'sluice:datasets.trades.active is "yes": takes true or false'),
        (
            '{"trades": {"schedule": {"cron": "0 6"}}}',
            'sluice:datasets.trades.schedule is {"cron": "0 6"}: takes a sched',
        ),
    ],
)
def test_a_wrong_entry_is_named_by_its_path_and_what_it_is(datasets: str, message: str) -> None:
    with pytest.raises(BadConfiguration, match=re.escape(message)):
        make_settings(datasets=datasets)


def test_every_wrong_entry_is_told_at_once_and_none_brings_faults_of_others() -> None:
    entries = {"trades": {"needs": ["buyers"]}, "buyers": None, "goods": ["x"], "trades_daily": {"workers": [2]}}
    with pytest.raises(BadConfiguration) as refused:
        make_settings(datasets=json.dumps(entries))
    lines = [line.strip().partition(":")[2].partition(":")[0] for line in str(refused.value).splitlines()[1:]]
    assert lines == ["datasets.buyers is null", "datasets.goods is a list", "datasets.trades_daily.workers is [2]"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("cron(" + "0" * 200, 'a text of 205 characters that begins with "cron(0'),
        ([f"name{number}" for number in range(40)], "a list of 40"),
        ({f"name{number}": {} for number in range(40)}, "a mapping of 40"),
        ("x" * 60, f'"{"x" * 60}"'),
    ],
)
def test_a_long_value_is_told_by_its_size_and_never_cut_within(value: Any, shown: str) -> None:
    with pytest.raises(BadConfiguration, match=re.escape(f"sluice:datasets.trades.schedule is {shown}")):
        make_settings(datasets=json.dumps({"trades": {"schedule": value}}))


def test_a_key_that_nobody_reads_is_refused() -> None:
    with pytest.raises(
        BadConfiguration, match=r'sluice:worker is "4": takes nothing, no such key; there are .*workers'
    ):
        make_settings(worker="4")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadConfiguration) as refused:
        make_settings(workers="1", prefix="X", alarm_email="x")
    assert str(refused.value).count(": takes ") == 3


def test_a_protected_stack_without_an_alarm_mail_is_refused() -> None:
    with pytest.raises(
        BadConfiguration, match=r'sluice:alarm_email is "": takes an e-mail address, or channels one that'
    ):
        make_settings(protect="true")
    assert make_settings(protect="true", alarm_email="me@example.com").options.protect


@pytest.mark.parametrize("stack", ["Dev", "a", "feature/x", "averylongstack", "dev_eu", "1dev"])
def test_a_stack_whose_name_fits_no_resource_is_refused(stack: str) -> None:
    with pytest.raises(BadConfiguration, match=f"the stack's name is {stack}: takes 2 to 12 of"):
        parse_settings(raw_settings(), stack, "eu-west-1")


@pytest.mark.parametrize("region", ["", "europe"])
def test_a_region_that_is_none_is_refused(region: str) -> None:
    with pytest.raises(BadConfiguration, match=r"aws:region is .*: takes an AWS region"):
        parse_settings(raw_settings(), "dev", region)


@pytest.mark.parametrize(("key", "value"), [("workers", "one"), ("prefix", "p" * 30), ("alarm_email", "x")])
def test_nothing_is_declared_before_the_refusal(key: str, value: str) -> None:
    cloud = Untouched()
    with pytest.raises(BadConfiguration, match=f"sluice:{key} is"):
        run_program("dev", cloud, {f"sluice:{key}": value})
    assert cloud.resources_requested == []


def test_what_is_declared_is_seen_where_nothing_is_refused() -> None:
    cloud = Untouched()
    run_program("dev", cloud, ONE_DATASET)
    assert len(cloud.resources_requested) > 50


def test_a_dataset_takes_the_stacks_values_and_its_own_over_them() -> None:
    entries = {"trades": {"workers": 3, "active": True}, "buyers": {}}
    buyers, trades = make_settings(
        workers="7", timeout="90", datasets=json.dumps(entries)
    ).datasets  # in the order of their names
    assert (trades.workers, trades.timeout, trades.active) == (3, 90, True)
    assert (buyers.workers, buyers.timeout, buyers.active) == (7, 90, False)


@pytest.mark.parametrize("dataset", deployed_datasets("dev"))
def test_window_owner_version_and_references_come_from_the_contract(dataset: str) -> None:
    meta = json.loads((LAKE / "expectations" / dataset / "output.json").read_text())["meta"]
    (terms,) = [
        dataset_settings.terms for dataset_settings in make_settings().datasets if dataset_settings.name == dataset
    ]
    promised = (terms.freshness_hours, terms.owner, terms.version)
    assert promised == (meta["freshness_hours"], meta["owner"], meta["version"])
    assert set(terms.references) == {reference["dataset"] for reference in meta.get("references", [])}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("", "has no tag stack: takes stack: dev"),
        ("{}", "has no tag stack: takes stack: dev"),
        ('{"tags": {}}', "has no tag stack: takes stack: dev"),
        ('{"tags": null}', "has no tag stack: takes stack: dev"),
        ('["stack"]', "has no tag stack: takes stack: dev"),
        ("stack: dev", "has no tag stack: takes stack: dev"),
        ('{"stack": "dev"}', "has no tag stack: takes stack: dev"),
        ('{"tags": {"stack": "prod"}}', "has the tag stack: prod: takes stack: dev"),
        ('{"tags": {"stack": "DEV"}}', "has the tag stack: DEV: takes stack: dev"),
    ],
)
def test_a_stack_that_is_not_tagged_with_its_own_name_is_refused(tags: str, expected: str) -> None:
    (fault,) = tag_faults(tags, "dev")
    assert expected in fault


def test_a_wrong_tag_is_told_with_the_other_faults_before_anything_is_declared() -> None:
    cloud = Untouched()
    tags = '{"tags": {"project": "sluice", "stack": "prod"}}'
    with pytest.raises(BadConfiguration, match="has the tag stack: prod") as refused:
        run_program("dev", cloud, changed={"aws:defaultTags": tags, "sluice:workers": "1"})
    assert "sluice:workers" in str(refused.value)
    assert cloud.resources_requested == []


def test_every_stack_is_tagged_with_its_own_name() -> None:
    assert {stack: tag_faults(stack_config(stack)["aws:defaultTags"], stack) for stack in STACKS} == {
        stack: [] for stack in STACKS
    }


EXAMPLES = ["oncall@example.com", "oncall@data.Example.ORG", "a@b.example.net", "oncall@lake.example", "x@lake.test"]


@pytest.mark.parametrize("email", EXAMPLES)
def test_a_protected_stack_that_writes_to_nobody_is_not_deployed(
    monkeypatch: pytest.MonkeyPatch, email: str, caplog: pytest.LogCaptureFixture
) -> None:
    graph = run_program("prod", changed={"sluice:alarm_email": email, **ONE_DATASET})
    assert [line for line in graph.warnings if email in line and "reserved for examples" in line]
    assert "reserved for examples" in caplog.text
    monkeypatch.setattr(mock_run, "MockMonitor", Untouched)  # so that a run is no longer seen to be under mocks
    cloud = Untouched()
    with pytest.raises(BadConfiguration, match="takes a person's address, since the stack is protected"):
        run_program("prod", cloud, {"sluice:alarm_email": email})
    assert cloud.resources_requested == []


@pytest.mark.parametrize(
    ("stack", "email"),
    [("dev", "oncall@example.com"), ("prod", "oncall@my-example.com"), ("prod", "oncall@example.co")],
)
def test_an_address_that_reaches_somebody_and_a_stack_that_nobody_has_to_hear_are_no_fault(
    stack: str, email: str
) -> None:
    graph = run_program(stack, changed={"sluice:alarm_email": email, **ONE_DATASET})
    assert not [line for line in graph.warnings if "reserved for examples" in line]
