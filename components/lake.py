"""What the pipelines of all datasets stand on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from components.names import Names
from etl.contract.severity import Severity

if TYPE_CHECKING:
    from components.compute.code import Code


@dataclass(frozen=True)
class Lake:
    """Buckets, database, topics and the topics' key by name or ARN; `data_key` None where the buckets are SSE-S3.

    `alarms` and `messages` are topics by severity; `topic` is that of critical alarms. `channel_topics` are those of single
    channels, by their names.

    `undelivered` is the ARN of the queue for what could not be delivered to a target.

    `docs_url` is where the pages of `docs/` are served, "" for nowhere.

    `raw_expire_days` is what the ledger has to know: an older raw object is expired, not deleted; 0 for never.
    """

    names: Names
    raw: pulumi.Output[str]
    processed: pulumi.Output[str]
    assets: pulumi.Output[str]
    database: pulumi.Output[str]
    alarms: Mapping[str, pulumi.Output[str]]
    messages: Mapping[str, pulumi.Output[str]]
    channel_topics: Mapping[str, pulumi.Output[str]]
    topic_key: pulumi.Output[str]
    undelivered: pulumi.Output[str]
    code: "Code"
    data_key: pulumi.Output[str] | None
    raw_expire_days: int
    docs_url: str = ""

    @property
    def topic(self) -> pulumi.Output[str]:
        """The topic of critical alarms, which a stack names among its outputs."""
        return self.alarms[Severity.CRITICAL]
