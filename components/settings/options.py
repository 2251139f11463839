"""Every option of a stack: the one place that says its type, default, meaning and an example.

`Pulumi.yaml`'s section, `docs/options.md` and the messages follow from here (`make options`). What is about more than one
option is checked apart, on values that are right by themselves, so that one run names every fault.
"""

from typing import Annotated, Any

from pydantic import Field

from components.names import Names
from components.settings.dataset_options import DatasetOptions
from components.settings.dataset_types import DatasetEntries
from components.settings.option_types import Options
from components.settings.retention import Retention
from components.settings.value_types import CheckedByStack, Flag, Prefix, Text, Whole
from components.settings.warehouse import Warehouse

EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"


class LakeOptions(Options):
    """What is there once in a stack."""

    title = "The whole stack"

    prefix: Annotated[str, Prefix()] = Field(
        "sluice",
        description="First part of every name; 2 to 20 lower case letters and digits, no hyphen",
        examples=["acme"],
    )
    boundary: Annotated[str, CheckedByStack()] = Field(
        "",
        description="ARN of the permissions boundary that every role gets; empty only where nothing deploys from GitHub",
        examples=[Names("sluice", "prod", "eu-west-1", "123456789012").boundary_arn],
    )
    datasets: Annotated[dict[str, Any], DatasetEntries()] = Field(
        default_factory=dict,  # a stand-in and no default: each stack names its own
        description="What goes through the gate; one entry a dataset, with values of its own for the keys from start to "
        "lineage, and needs, the list of datasets that a flow runs before it",
        examples=[{"orders": {"needs": ["stores"]}, "stores": {"workers": 3}}],
    )
    window: Annotated[int, Whole(1, 1440)] = Field(
        15,
        description="Minutes between two looks for files that arrived, where start is arrival, 1 to 1440",
        examples=[5],
    )
    alarm_email: Annotated[str, Text(f"|{EMAIL}", "an e-mail address, or nothing")] = Field(
        "",
        description="Who is written to when an alarm rings; a protected stack needs one",
        examples=["oncall@acme.de"],
    )
    protect: Annotated[bool, Flag()] = Field(
        False, description="Whether data buckets survive pulumi destroy", examples=[True]
    )
    customer_key: Annotated[bool, Flag()] = Field(
        False,
        description="Whether the buckets are encrypted with the stack's own key instead of SSE-S3",
        examples=[True],
    )
    wheels: Annotated[bool, Flag()] = Field(
        True,
        description="Whether a deployment needs the bundle that make wheels builds; only an emulator does without",
        examples=[False],
    )
    query_gb: Annotated[int, Whole(1, 100000)] = Field(
        10,
        description="Gigabytes that one query of Athena may scan before it is stopped",
        examples=[100],
    )


class StackOptions(Warehouse, Retention, DatasetOptions, LakeOptions):
    """All that a stack's file may hold of the program's own; pydantic puts the last parent's options first."""


GROUPS: tuple[type[Options], ...] = (LakeOptions, DatasetOptions, Retention, Warehouse)
