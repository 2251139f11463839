"""Which deployed datasets a command is about, on plain data."""

from typing import Any

import pytest

from sluice.cli.errors import WrongUse
from sluice.operations import deployed_dataset as deployed
from sluice.operations.deployed_dataset import some_deployed


class Glue:
    """A Glue that has these jobs, each with its default arguments; `stack_tags` are the stacks' of some, by ARN."""

    def __init__(self, jobs: dict[str, dict[str, str]], stack_tags: dict[str, str]) -> None:
        self.jobs = [{"Name": name, "DefaultArguments": arguments} for name, arguments in jobs.items()]
        self.stack_tags = stack_tags

    def get_paginator(self, _: str) -> "Glue":
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"Jobs": self.jobs}]

    def get_tags(self, ResourceArn: str) -> dict[str, Any]:
        return {"Tags": {"stack": self.stack_tags[ResourceArn]} if ResourceArn in self.stack_tags else {}}


class Account:
    """An account with jobs: of each its name, its dataset, and the stack that its argument or, in `tags`, its tag says."""

    def __init__(self, *jobs: tuple[str, str, str | None], tags: dict[str, str] | None = None) -> None:
        stack_tags = {self.regional_arn("glue", f"job/{job}"): stack for job, stack in (tags or {}).items()}
        arguments = {
            name: {"--dataset": dataset, **({"--stack": stack} if stack else {})} for name, dataset, stack in jobs
        }
        self.glue = Glue(arguments, stack_tags)

    def client(self, _: str) -> Glue:
        return self.glue

    def regional_arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:eu-west-1:123456789012:{resource}"


def job_names(account: Any, dataset: str | None, stack: str | None) -> list[str]:
    return [deployed.job for deployed in some_deployed(account, dataset, stack)]


OURS, THEIRS = ("sluice-prod-trades", "trades", "prod"), ("sluice-eu-prod-trades", "trades", "eu-prod")
DASHED = ("my-lake-prod-trades", "trades", "prod")


def test_a_stack_is_the_one_that_a_job_says_and_no_end_of_its_name() -> None:
    account = Account(OURS, THEIRS)
    assert job_names(account, "trades", "prod") == ["sluice-prod-trades"]
    assert job_names(account, "trades", "eu-prod") == ["sluice-eu-prod-trades"]
    assert job_names(account, None, "prod") == ["sluice-prod-trades"]
    with pytest.raises(WrongUse, match=r"in stack lake-prod; there are: .*my-lake-prod-trades \(stack prod\)"):
        job_names(Account(OURS, DASHED), "trades", "lake-prod")


def test_a_job_of_before_jobs_said_their_stack_is_known_by_its_tag_and_by_no_part_of_its_name() -> None:
    tags = {OURS[0]: "prod", THEIRS[0]: "eu"}
    account = Account(*((name, dataset, None) for name, dataset, _ in (OURS, THEIRS, DASHED)), tags=tags)
    assert job_names(account, "trades", "prod") == ["sluice-prod-trades"]
    assert job_names(account, "trades", "eu") == ["sluice-eu-prod-trades"]
    with pytest.raises(WrongUse, match=r"in stack lake-prod; there are: my-lake-prod-trades, "):
        job_names(account, "trades", "lake-prod")


def test_a_dataset_is_told_from_one_whose_name_ends_like_it() -> None:
    account = Account(OURS, ("sluice-prod-web-trades", "web-trades", "prod"))
    assert job_names(account, "trades", "prod") == ["sluice-prod-trades"]


def test_one_dataset_of_several_stacks_has_to_be_named_with_its_stack() -> None:
    account: Any = Account(OURS, THEIRS)
    with pytest.raises(WrongUse, match="name one with --stack"):
        deployed.one_deployed(account, "trades", None)
    assert deployed.one_deployed(account, "trades", "prod").job == "sluice-prod-trades"
