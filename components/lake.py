"""What the pipelines of all datasets stand on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from components.names import Names

if TYPE_CHECKING:
    from components.compute.code import Code


@dataclass(frozen=True)
class Lake:
    """Buckets, database, topic and the topic's key by name or ARN; `data_key` None where the buckets are SSE-S3.

    `undelivered` is the ARN of the queue for what could not be delivered to a target.

    `raw_expire_days` is what the ledger has to know: an older raw object is expired, not deleted; 0 for never.
    """

    names: Names
    raw: pulumi.Output[str]
    processed: pulumi.Output[str]
    assets: pulumi.Output[str]
    database: pulumi.Output[str]
    topic: pulumi.Output[str]
    topic_key: pulumi.Output[str]
    undelivered: pulumi.Output[str]
    code: "Code"
    data_key: pulumi.Output[str] | None
    raw_expire_days: int
