"""Redshift as the stack's configuration has it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from components.settings.config_reader import StackConfig

GOLD_DATASET = "sales_daily"
MIN_SUBNETS = 3
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


def read_warehouse(config: StackConfig, datasets: Iterable[str]) -> Warehouse:
    """Read it; where it is on it needs a network, and gold among the stack's datasets."""
    is_enabled = config.read_flag("redshift")
    subnets = read_ids(config, "redshift_subnets", "subnet")
    groups = read_ids(config, "redshift_security_groups", "sg")
    rpus = config.read_integer("redshift_rpus", 4, 1024)
    if rpus % 8 and rpus != 4:
        config.add_fault("redshift_rpus", "4, or a multiple of 8")
    if is_enabled and len(set(subnets)) < MIN_SUBNETS:
        config.add_fault(
            "redshift_subnets", f"at least {MIN_SUBNETS} subnets, since redshift is true, separated by commas"
        )
    if is_enabled and not groups:
        config.add_fault("redshift_security_groups", "at least one security group, since redshift is true")
    if is_enabled and GOLD_DATASET not in datasets:
        config.add_fault("redshift", f"false, or a stack with {GOLD_DATASET} in its datasets, which is what it loads")
    return Warehouse(is_enabled, rpus, config.read_integer("redshift_rpu_hours", 1, 100000), subnets, groups)


def read_ids(config: StackConfig, key: str, kind: str) -> tuple[str, ...]:
    """Return what stands between commas, ids of one kind of thing in a VPC."""
    text = config.read_text(key, rf"|{kind}-[0-9a-f]+(,\s*{kind}-[0-9a-f]+)*", f"{kind}-..., {kind}-..., or nothing")
    return tuple(re.findall(rf"{kind}-[0-9a-f]+", text))
