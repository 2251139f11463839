"""Every option of a stack: the one place that says its type, default, meaning and an example.

`Pulumi.yaml`'s section, `docs/options.md` and the messages follow from here (`make options`). What is about more than one
option is checked apart, on values that are right by themselves, so that one run names every fault.
"""

from typing import Annotated, Any

from pydantic import Field

from components.names import Names
from components.settings.channels import EMAIL
from components.settings.dataset_options import DatasetOptions
from components.settings.dataset_types import DatasetEntries
from components.settings.mapping_types import Entries
from components.settings.option_types import Options
from components.settings.retention import Retention
from components.settings.value_types import CheckedByStack, Flag, Prefix, Text, Whole, one_of_words
from components.settings.warehouse import Warehouse

HTTPS_ADDRESS = Text("|https://[\\w.-]+(:\\d+)?(/[\\w./~-]*)?", "a URL that begins with https://, or nothing")


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
        description="Who is written to; the same as a channel email of kind email. A protected stack needs this, or a channel "
        "that takes critical",
        examples=["oncall@acme.de"],
    )
    channels: Annotated[dict[str, Any], Entries("a mapping with an entry for each channel")] = Field(
        {},
        description="Where people and machines hear of the stack; kind is email (to), slack (workspace, channel), teams "
        "(tenant, workspace, channel), pagerduty (url) or https (url, key, header), severities is any of critical, warning "
        "and info",
        examples=[{"oncall": {"kind": "email", "severities": ["critical"], "to": "oncall@acme.de"}}],
    )
    owners: Annotated[dict[str, Any], Entries("a mapping with a list of channels for each owner")] = Field(
        {},
        description="Channels of each owner that contracts name; without any, all channels hear all. Critical messages of "
        "others go to all channels",
        examples=[{"team-orders": ["oncall"]}],
    )
    docs_url: Annotated[str, HTTPS_ADDRESS] = Field(
        "",
        description="Where the pages of docs/ are served, below which messages and the dashboard link to the runbook; empty "
        "for nowhere",
        examples=["https://git.acme.de/lake/blob/main/docs"],
    )
    site_url: Annotated[str, HTTPS_ADDRESS] = Field(
        "",
        description="Where the folder that sluice docs writes is served, to whose pages the dashboard links; empty for nowhere",
        examples=["https://lake.acme.de"],
    )
    digest: Annotated[str, one_of_words("daily", "weekly", "none")] = Field(
        "weekly",
        description="How often a message sums up what was published, set aside and broken, on which days nothing came, and the "
        "cost; at 07:00 UTC, weekly on Mondays",
        examples=["daily"],
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
