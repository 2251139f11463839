"""What was forgotten, in counts and places and never in values: logged as one line, and written beside where the keys were."""

import json
import logging
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from etl.forget.arguments import ForgetArguments
from etl.storage.clients import Clients
from etl.wording import count_noun, join_names

logger = logging.getLogger(__name__)
MAX_PLACES_NAMED = 5  # in a message; the report has them all


class ForgetState(StrEnum):
    """What became of it.

    Members:
        SUCCEEDED: no current version of anything within reach has such a row.
        INCOMPLETE: all was done that could be; the places under `left` may have such rows still.
        REFUSED: nothing was changed; the message says why.
        FAILED: something kept it from its end; started again with the same keys it takes the rest up.
    """

    SUCCEEDED = "SUCCEEDED"
    INCOMPLETE = "INCOMPLETE"
    REFUSED = "REFUSED"
    FAILED = "FAILED"


@dataclass
class TableForgotten:
    """What went of one table."""

    table: str
    rows_deleted: int = 0
    snapshots_expired: int = 0
    orphans_removed: int = 0


@dataclass
class ObjectForgotten:
    """A raw object that was written anew: `rows` without a key's row, `by_text` of them found by the key's text alone."""

    key: str
    rows: int
    by_text: int = 0


@dataclass
class PlaceLeft:
    """A place that may have such rows still: an S3 URI or a table, and why, without a value."""

    place: str
    why: str


@dataclass
class BucketVersions:
    """Earlier versions in a bucket below the dataset's prefixes.

    `deleted` counts those that were deleted at once; `gone_on` is the day (UTC, ISO text) by which the lifecycle has removed
    the last of the others: "" where there are none, None where no rule removes them.
    """

    bucket: str
    deleted: int = 0
    remaining: int = 0
    gone_on: str | None = ""


@dataclass
class ForgetReport:
    """A run as its file tells it.

    Attributes:
        keys: how many keys were asked for.
        keys_matched: how many of them had a row somewhere in the published table.
        objects: the raw objects that were written anew.
        objects_searched: how many raw objects were read.
        records_rewritten: verdicts, pages, results and messages that were rewritten or deleted, by place.
        answers_deleted: answers of queries that were deleted, all of them.
        versions: what is left of earlier versions.
        derived: datasets that are built from it and are to be rebuilt; what they have to say until then.
        left: what could not be done.
        seconds: what it took.
    """

    dataset: str
    run_id: str
    job: str
    started: str
    state: ForgetState = ForgetState.FAILED
    message: str = ""
    keys: int = 0
    keys_matched: int = 0
    tables: list[TableForgotten] = field(default_factory=list[TableForgotten])
    objects: list[ObjectForgotten] = field(default_factory=list[ObjectForgotten])
    objects_searched: int = 0
    records_rewritten: dict[str, int] = field(default_factory=dict[str, int])
    answers_deleted: int = 0
    versions: list[BucketVersions] = field(default_factory=list[BucketVersions])
    derived: list[str] = field(default_factory=list[str])
    left: list[PlaceLeft] = field(default_factory=list[PlaceLeft])
    seconds: float = 0.0

    @property
    def gone_on(self) -> str | None:
        """The day by which the last old version is gone; "" where none is left, None where one stays for ever."""
        days = [bucket.gone_on for bucket in self.versions]
        return None if None in days else max((day for day in days if day), default="")

    @property
    def in_words(self) -> str:
        """What was done, for the message."""
        rows = sum(table.rows_deleted for table in self.tables)
        raw_rows = sum(raw_object.rows for raw_object in self.objects)
        nowhere = self.keys - self.keys_matched
        parts = [
            f"{count_noun(self.keys, 'key')}",
            f"{count_noun(nowhere, 'key')} not in the published table" if nowhere else "",
            f"{count_noun(rows, 'row')} deleted from tables",
            f"{count_noun(raw_rows, 'row')} from {count_noun(len(self.objects), 'raw object')}",
            f"rebuild {join_names(self.derived, MAX_PLACES_NAMED)}" if self.derived else "",
            self._versions_in_words,
            f"left: {join_names([left.place for left in self.left], MAX_PLACES_NAMED)}" if self.left else "",
        ]
        return "; ".join(filter(None, parts))

    @property
    def _versions_in_words(self) -> str:
        match self.gone_on:
            case None:
                return "earlier versions stay, since no rule of a bucket removes them"
            case "":
                return "no earlier version is left"
            case day:
                return f"the last earlier version is gone on {day}"


def publish_report(aws: Clients, arguments: ForgetArguments, report: ForgetReport) -> None:
    """Log the report and write it; a fault of writing keeps it from no log."""
    content = asdict(report)
    logger.info("FORGET", extra={"forget": content})
    uri = arguments.assets.uri(arguments.report_key)
    try:
        aws.s3.put_object(
            Bucket=arguments.assets.bucket,
            Key=arguments.report_key,
            Body=json.dumps(content, ensure_ascii=False).encode(),
            ContentType="application/json",
        )
    except Exception as error:  # what was forgotten stays forgotten, whether or not it can be told
        logger.warning("could not write the report %s: %s", uri, error)
