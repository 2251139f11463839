"""The options of the warehouse, and what it holds: the datasets that are named, or those that are built from other tables."""

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from components.settings.config_reader import StackConfig
from components.settings.contracts import DeployedContract
from components.settings.dataset_types import ListedDatasets
from components.settings.option_types import Options
from components.settings.value_types import Flag, Text, Whole
from etl.contract.faults import did_you_mean_ending
from etl.contract.loading import parse_contract
from etl.errors import ContractInvalid

MIN_SUBNETS = 3
"""In as many availability zones (Amazon Redshift management guide, Considerations when using Serverless)."""


def _ids(prefix: str) -> Text:
    """Return the type of an option that takes the ids of one kind of thing in a VPC, between commas."""
    single = rf"{prefix}-[0-9a-f]+"
    return Text(rf"|{single}(,\s*{single})*", f"{prefix}-..., {prefix}-..., or nothing")


class Warehouse(Options):
    """Redshift Serverless: whether there is a workgroup, how large, how dear and where it is, and what is loaded into it."""

    title = "The warehouse"

    redshift: Annotated[bool, Flag()] = Field(
        False,
        description="Whether there is a Redshift Serverless workgroup that published tables are loaded into",
        examples=[True],
    )
    redshift_datasets: Annotated[tuple[str, ...], ListedDatasets()] = Field(
        (),
        description="Datasets that are loaded into it; where none is named, those that are built from other tables",
        examples=[["orders_daily"]],
    )
    redshift_rpus: Annotated[int, Whole(4, 1024)] = Field(
        8, description="Its base capacity in RPUs, 4 or a multiple of 8", examples=[16]
    )
    redshift_rpu_hours: Annotated[int, Whole(1, 100000)] = Field(
        16, description="RPU-hours that it may use in a day before it is turned off until the next", examples=[64]
    )
    redshift_subnets: Annotated[str, _ids("subnet")] = Field(
        "",
        description="At least three subnets of one VPC in as many availability zones, separated by commas",
        examples=["subnet-0aaa, subnet-0bbb, subnet-0ccc"],
    )
    redshift_security_groups: Annotated[str, _ids("sg")] = Field(
        "", description="Security groups of that VPC, separated by commas", examples=["sg-0ddd"]
    )

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets one by one."""
        return _between_commas(self.redshift_subnets)

    @property
    def security_group_ids(self) -> tuple[str, ...]:
        """The security groups one by one."""
        return _between_commas(self.redshift_security_groups)


def _between_commas(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def loaded_datasets(options: Warehouse, contracts: Mapping[str, DeployedContract]) -> tuple[str, ...]:
    """Return the names of the datasets that the warehouse holds; none where there is no warehouse."""
    if not options.redshift:
        return ()
    return options.redshift_datasets or tuple(name for name, contract in contracts.items() if contract.sources)


def check_warehouse(config: StackConfig, options: Warehouse, contracts: Mapping[str, DeployedContract]) -> None:
    """Refuse a base capacity that there is not, and a warehouse without a network or without a table."""
    if options.redshift_rpus % 8 and options.redshift_rpus != 4:
        config.add_fault("redshift_rpus", "4, or a multiple of 8")
    if not options.redshift:
        return
    if len(set(options.subnet_ids)) < MIN_SUBNETS:
        config.add_fault(
            "redshift_subnets", f"at least {MIN_SUBNETS} subnets, since redshift is true, separated by commas"
        )
    if not options.security_group_ids:
        config.add_fault("redshift_security_groups", "at least one security group, since redshift is true")
    _check_datasets(config, loaded_datasets(options, contracts), contracts)


def _check_datasets(config: StackConfig, datasets: tuple[str, ...], contracts: Mapping[str, DeployedContract]) -> None:
    """Refuse names that no dataset has, and contracts that no table follows from."""
    path, deployed = f"{config.path}datasets", ", ".join(contracts)
    config.refuse_repeats("redshift_datasets", datasets)
    if not datasets:
        config.add_fault(
            "redshift",
            "false, or redshift_datasets that name what it loads, since no dataset is built from other tables",
        )
    for name in datasets:
        if name not in contracts:
            config.faults.append(
                f"{config.path}redshift_datasets is {json.dumps([*datasets])}: takes names of {path}, which lacks {name}; it "
                f"has {deployed}: add {name}, or drop the name{did_you_mean_ending(name, contracts)}"
            )
        elif contracts[name].output:
            try:
                contract = parse_contract(contracts[name].output, f"expectations/{name}/output.json")
                if not contract.has_key:
                    config.faults.append(
                        f"{path}.{name}: takes a contract with a key, by which Redshift's table is loaded, and "
                        f"expectations/{name}/output.json has the key []: name its columns, or leave {name} out of "
                        "redshift_datasets"
                    )
                if contract.unique_within:
                    config.faults.append(
                        f"{path}.{name}: takes a contract by whose key one row is told from every other, and "
                        f"expectations/{name}/output.json looks for keys no further back than unique_within: drop that, or "
                        f"leave {name} out of redshift_datasets"
                    )
                if nested := [column.name for column in contract.columns if column.type.is_nested]:
                    config.faults.append(
                        f"{path}.{name}: takes a contract whose columns Redshift loads, and expectations/{name}/output.json "
                        f"has lists or objects in {', '.join(nested)}: publish what is wanted of them as columns of their "
                        f"own, or leave {name} out of redshift_datasets"
                    )
            except ContractInvalid as fault:
                config.faults.append(
                    f"{path}.{name}: takes a contract that its table in Redshift follows from, and {fault}"
                )
