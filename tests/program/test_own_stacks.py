"""The stack files at the root are a user's: read by what they mean, however they are spelt, and held to what any stack is."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest
import yaml

from components.settings.project_name import option_key
from sluice.cli.app import main
from sluice.program import property_types
from sluice.program.bill.bill import monthly_bill
from sluice.program.graph import Graph, run_program
from sluice.program.policies import broken_policies
from sluice.program.stack_files import (
    ACCOUNT,
    ROOT,
    STACKS,
    UnreadableStack,
    as_text,
    load_project,
    load_stack_file,
    stack_account,
    stack_config,
    stack_names,
)
from tests.lake import LAKE
from tests.program.edited import ELSEWHERE, edited_folder, edited_repository, spelt_by_the_cli, with_a_users_values

OWN_STACKS = stack_names(ROOT)
STACK_KEYS = {"config", "secretsprovider", "encryptedkey", "encryptionsalt"}
KINDS: dict[str, type] = {"string": str, "integer": int, "boolean": bool, "object": dict}


@pytest.fixture(scope="session")
def users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stack files with a user's values, as the CLI spells them."""
    return edited_folder(tmp_path_factory.mktemp("stacks"), with_a_users_values, spelt_by_the_cli)


def readable_config(stack: str) -> dict[str, str]:
    """The configuration of a user's stack; a stack that only the CLI can read is passed over."""
    try:
        return stack_config(stack, ROOT)
    except UnreadableStack as fault:
        if "secure:" in str(fault):
            pytest.skip(str(fault))
        raise


def setting_faults(stack: str, folder: Path) -> Iterator[str]:
    """Faults of the provider's settings, a flag in quotes and an account without them being as good."""
    stack_settings = {
        key.removeprefix("aws:"): value
        for key, value in load_stack_file(stack, folder).items()
        if key.startswith("aws:")
    }
    plain = {key: {"true": True, "false": False}.get(str(value), value) for key, value in stack_settings.items()}
    plain = {key: value for key, value in plain.items() if not isinstance(value, dict) or "secure" not in value}
    if "allowedAccountIds" in plain:
        plain["allowedAccountIds"] = [str(account) for account in plain["allowedAccountIds"]]
        yield from (
            f"{account}: an account has 12 digits" for account in plain["allowedAccountIds"] if len(account) != 12
        )
    yield from property_types.mapping_faults(plain, aws.ProviderArgs, "aws:")


def undeclared_keys(stack: str, folder: Path) -> list[str]:
    """Keys of a stack's file that neither the program nor the provider reads."""
    declared_keys = {option_key(key) for key in load_project()["config"]}
    return [key for key in load_stack_file(stack, folder) if not key.startswith("aws:") and key not in declared_keys]


@pytest.mark.parametrize("stack", OWN_STACKS)
def test_a_users_stack_has_only_keys_that_somebody_reads(stack: str) -> None:
    assert set(yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())) <= STACK_KEYS
    assert undeclared_keys(stack, ROOT) == []


@pytest.mark.parametrize("stack", OWN_STACKS)
def test_the_provider_takes_the_settings_of_a_users_stack(stack: str) -> None:
    assert list(setting_faults(stack, ROOT)) == []


@pytest.mark.parametrize("stack", OWN_STACKS)
def test_the_program_takes_a_users_stack_and_it_holds_to_every_policy(stack: str, project_lake: Path) -> None:
    if not json.loads(readable_config(stack)[option_key("datasets")]):
        pytest.skip(f"Pulumi.{stack}.yaml has no dataset yet, and a stack without one is refused")
    graph = run_program(stack)
    assert property_types.graph_faults(graph) == []
    assert broken_policies(graph) == {}


@pytest.fixture(scope="module")
def users_prod(users: Path) -> Graph:
    return run_program("prod", folder=users)


@pytest.mark.parametrize("stack", ["prod", "local"])
def test_a_stack_with_a_users_values_is_as_good(users: Path, users_prod: Graph, stack: str) -> None:
    assert list(setting_faults(stack, users)) == []
    assert undeclared_keys(stack, users) == []
    graph = users_prod if stack == "prod" else run_program(stack, folder=users)
    assert property_types.graph_faults(graph) == []
    assert broken_policies(graph) == {}
    names = {node.inputs["name"] for node in graph.nodes_of_type("aws:glue/job:Job")}
    assert f"lake-{stack}-trades" in names


def test_an_account_that_lost_its_zero_is_noticed(tmp_path: Path) -> None:
    edited_folder(tmp_path, lambda _, config: config.update({"aws:allowedAccountIds": [12345678901]}))
    assert list(setting_faults("prod", tmp_path)) == ["12345678901: an account has 12 digits"]


@pytest.mark.parametrize("stack", STACKS)
def test_what_the_cli_writes_anew_means_the_same(tmp_path: Path, stack: str) -> None:
    spelt = edited_folder(tmp_path, spelt_by_the_cli)
    assert load_stack_file(stack, spelt) != load_stack_file(stack, LAKE)
    assert stack_config(stack, spelt) == stack_config(stack, LAKE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        ("true", "true"),
        (14, "14"),
        ("14", "14"),
        ("012345678901", "012345678901"),
        (None, ""),
        (2.0, "2"),
        ({"b": 2.0, "a": [None]}, '{"a": [null], "b": 2}'),
    ],
)
def test_a_value_is_the_text_that_the_cli_hands_over(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_a_day_is_the_text_that_the_cli_hands_over(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  sluice:crawl: 2026-01-31\n")
    assert stack_config("dev", tmp_path)["sluice:crawl"] == "2026-01-31 00:00:00 +0000 UTC"


def test_every_value_of_a_sample_has_its_declared_type() -> None:
    """The engine refuses others: a number in quotes passes, a number where text is wanted does not."""
    values = {
        (stack, key): value for stack in STACKS for key, value in load_stack_file(stack).items() if key[:4] != "aws:"
    }
    assert values
    for (_, key), value in values.items():
        assert type(value) is KINDS[load_project()["config"][key.partition(":")[2]]["type"]], key


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, ACCOUNT),
        ({"sluice:boundary": ""}, ACCOUNT),
        ({"sluice:boundary": f"arn:aws:iam::{ELSEWHERE}:policy/sluice-prod-boundary"}, ELSEWHERE),
        ({"aws:allowedAccountIds": f'["{ELSEWHERE}"]'}, ELSEWHERE),
        ({"aws:allowedAccountIds": f"[{ELSEWHERE}]"}, ELSEWHERE),
        ({"aws:allowedAccountIds": f'["{ELSEWHERE}", "{ACCOUNT}"]'}, ACCOUNT),
    ],
)
def test_a_plan_is_of_the_account_that_the_stack_names(config: dict[str, str], expected: str) -> None:
    assert stack_account(config) == expected


SECRETS = {"sluice:lineage": {"secure": "v1:a"}, "sluice:datasets": {"trades": {"needs": [{"secure": "v1:b"}]}}}


def test_a_plan_names_each_encrypted_value_instead_of_reading_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edited_folder(tmp_path, lambda _, config: config.update(SECRETS))
    monkeypatch.setattr("sluice.program.stack_files.lake_folder", lambda: tmp_path)
    assert main(["plan", "prod"]) == 1
    complaint = capsys.readouterr().err
    assert "Pulumi.prod.yaml holds sluice:datasets.trades.needs[0], sluice:lineage encrypted (secure:)" in complaint
    assert "make preview" in complaint
    assert "v1:" not in complaint


@pytest.mark.parametrize("text", ["config: [", "config: text", "- config"])
def test_a_stack_file_that_is_no_mapping_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(UnreadableStack, match=r"Pulumi\.dev\.yaml is no YAML with a mapping below config"):
        stack_config("dev", tmp_path)


def test_another_size_is_on_the_bill_and_not_in_the_readme(users_prod: Graph, graphs: dict[str, Graph]) -> None:
    assert sum(line.usd for line in monthly_bill(users_prod)) != pytest.approx(
        sum(line.usd for line in monthly_bill(graphs["prod"]))
    )


@pytest.mark.long
@pytest.mark.parametrize("edits", [(spelt_by_the_cli,), (with_a_users_values, spelt_by_the_cli)], ids=["cli", "user"])
def test_all_tests_of_the_program_pass_where_a_user_has_edited_the_stacks(
    tmp_path: Path, edits: tuple[Any, ...]
) -> None:
    copy = edited_repository(tmp_path / "tree", *edits)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/program", "-p", "no:cacheprovider"],
        cwd=copy,
        env={name: value for name, value in os.environ.items() if name != "SLUICE_LAKE"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-4000:]
