"""The keys of `meta` of an output suite: what is published, and how."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from etl.contract.field_kinds import (
    MISSING,
    NAME,
    AnyText,
    Count,
    Remedy,
    matching,
)
from etl.contract.loads import KeepDays, Load, TextAsKind, UniqueWithin
from etl.contract.other_datasets import Reconciliation, Reference
from etl.contract.policies import ConflictPolicy, FailedNeedPolicy
from etl.contract.shared_meta import SharedMeta

MAX_FRESHNESS_HOURS = 168  # CloudWatch evaluates at most seven days of hourly periods


@dataclass(frozen=True, kw_only=True)
class OutputMeta(SharedMeta):
    """The meta of an output suite: what is published, and how."""

    key: Annotated[
        tuple[
            Annotated[AnyText, Remedy("meta.columns has {columns}", "meta.key names {value}, which is not declared")],
            ...,
        ],
        Remedy("list the columns that tell one row from another, or write [] where none do", MISSING),
        Field(
            description="the primary key: the columns that tell one row from another; [] where none do, as in a log of events",
            json_schema_extra={"uniqueItems": True},
            examples=[["trip_id"]],
        ),
    ]
    partition_by: Annotated[
        tuple[
            Annotated[
                AnyText,
                Remedy(
                    "write a declared column, or year, month, day or hour of a declared date or time",
                    "meta.partition_by has {value}",
                ),
            ],
            ...,
        ],
        Remedy("write a list of columns, or leave it out"),
        Field(
            description="columns, or year(), month() or day() of a date or time, or hour() of a time",
            json_schema_extra={"uniqueItems": True},
            examples=[["city", "month(started_on)"]],
        ),
    ] = ()
    freshness_hours: Annotated[
        Count,
        Remedy(f"write whole hours from 1 to {MAX_FRESHNESS_HOURS}"),
        Field(
            description="how old the published table may be before an alarm rings",
            ge=1,
            le=MAX_FRESHNESS_HOURS,
            examples=[26],
        ),
    ]
    references: Annotated[
        tuple[Reference, ...],
        Remedy("write a list of objects with name, column, dataset, key"),
        Field(
            description="foreign keys: keys of other datasets that rows point to, as helper columns that warnings name"
        ),
    ] = ()
    on_conflict: Annotated[
        ConflictPolicy,
        Field(
            description="a key that the table holds from another object: refuse the run, or let the newer object's row "
            "replace it; what load says as append and upsert"
        ),
    ] = ConflictPolicy.REFUSE
    load: Annotated[
        Load | None,
        Remedy('write "append", "upsert", {{"kind": "snapshot"}} or {{"kind": "changes", ...}}'),
        TextAsKind(),
        Field(
            description="how a day's rows come in: append, upsert (the newer object's row wins), an object of kind snapshot "
            "(each copy is the whole table) or changes (inserts, updates and deletes); what on_conflict says where absent",
            examples=["upsert"],
        ),
    ] = None
    unique_within: Annotated[
        UniqueWithin | None,
        Remedy('write an object such as {{"column": "started_on", "days": 90}}, or leave it out'),
        Field(
            description="how far back a run's keys are looked for in the published table; in all of it where absent. A key "
            "that is older than that is published twice: rules' results and the documents say how far was looked",
            examples=[{"column": "started_on", "days": 90}],
        ),
    ] = None
    keep_days: Annotated[
        KeepDays | None,
        Remedy('write an object such as {{"column": "started_on", "days": 730}}, or leave it out'),
        Field(
            description="how long rows stay in the published table, by a column of dates; for ever where absent",
            examples=[{"column": "started_on", "days": 730}],
        ),
    ] = None
    on_failed_need: Annotated[
        FailedNeedPolicy,
        Field(
            description="a dataset that this one needs failed in the same flow: run it all the same, or stop before it"
        ),
    ] = FailedNeedPolicy.RUN
    reconciles: Annotated[
        tuple[Reconciliation, ...],
        Remedy("write a list of objects with dataset, by, sums"),
        Field(description="sums that must be those of a source; each is a rule of structure"),
    ] = ()
    transform: Annotated[
        AnyText,
        matching(NAME, "name a module of etl/datasets, such as orders; or drop it, and the dataset has one of its own"),
        Field(
            description="the module of etl/datasets that rows go through; the dataset's own where absent",
            examples=["trips"],
        ),
    ] = ""
