"""Redshift as the stack's configuration has it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from components.settings.config_reader import Answers

GOLD = "sales_daily"
SUBNETS = 3
"""In as many availability zones (Amazon Redshift management guide, Considerations when using Serverless)."""


@dataclass(frozen=True)
class Warehouse:
    """Whether there is a Redshift Serverless workgroup, and how large, how dear and where it is.

    `redshift_rpus` is its base capacity, `redshift_rpu_hours` what it may use in a day before it is turned off.
    """

    redshift: bool
    redshift_rpus: int
    redshift_rpu_hours: int
    redshift_subnets: tuple[str, ...]
    redshift_security_groups: tuple[str, ...]


def warehouse(answers: Answers, datasets: Iterable[str]) -> Warehouse:
    """Read it; where it is on it needs a network, and gold among the stack's datasets."""
    on = answers.flag("redshift")
    subnets = names(answers, "redshift_subnets", "subnet")
    groups = names(answers, "redshift_security_groups", "sg")
    rpus = answers.whole("redshift_rpus", 4, 1024)
    if rpus % 8 and rpus != 4:
        answers.refuse("redshift_rpus", "4, or a multiple of 8")
    if on and len(set(subnets)) < SUBNETS:
        answers.refuse("redshift_subnets", f"at least {SUBNETS} subnets, since redshift is true, separated by commas")
    if on and not groups:
        answers.refuse("redshift_security_groups", "at least one security group, since redshift is true")
    if on and GOLD not in datasets:
        answers.refuse("redshift", f"false, or a stack with {GOLD} in its datasets, which is what it loads")
    return Warehouse(on, rpus, answers.whole("redshift_rpu_hours", 1, 100000), subnets, groups)


def names(answers: Answers, key: str, kind: str) -> tuple[str, ...]:
    """Return what stands between commas, ids of one kind of thing in a VPC."""
    given = answers.text(key, rf"|{kind}-[0-9a-f]+(,\s*{kind}-[0-9a-f]+)*", f"{kind}-..., {kind}-..., or nothing")
    return tuple(re.findall(rf"{kind}-[0-9a-f]+", given))
