"""The options that say how long things are kept."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from components.settings.config_reader import StackConfig
from components.settings.option_types import Options
from components.settings.value_types import OneOf, Whole, one_of_words

RAW_TIERS = ("INTELLIGENT_TIERING", "STANDARD_IA", "NONE")
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""The periods that CloudWatch Logs takes (API reference, PutRetentionPolicy)."""


def _tier_days(earlier: Mapping[str, Any]) -> tuple[int, int]:
    # S3 moves nothing to Standard-IA within 30 days (S3, Transitioning objects using lifecycle)
    return (30 if earlier.get("raw_tier") == "STANDARD_IA" else 1), 3650


class Retention(Options):
    """How long things are kept, in days."""

    title = "How long things are kept"

    log_days: Annotated[int, OneOf(LOG_DAYS)] = Field(
        30, description="Days that the jobs' logs are kept, one of the periods CloudWatch knows", examples=[365]
    )
    access_log_days: Annotated[int, Whole(1, 3650)] = Field(
        90, description="Days that the buckets' access logs are kept", examples=[365]
    )
    noncurrent_days: Annotated[int, Whole(1, 3650)] = Field(
        30, description="Days that a replaced or deleted object can still be restored", examples=[90]
    )
    raw_tier: Annotated[str, one_of_words(*RAW_TIERS)] = Field(
        RAW_TIERS[0],
        description="Where raw objects move when they have rested; INTELLIGENT_TIERING, STANDARD_IA or NONE",
        examples=["STANDARD_IA"],
    )
    raw_tier_days: Annotated[int, Whole(1, 3650, _tier_days)] = Field(
        30, description="Days after which a raw object moves to raw_tier", examples=[60]
    )
    raw_expire_days: Annotated[int, Whole(0, 36500)] = Field(
        0, description="Days after which a raw object expires; 0 for never", examples=[730]
    )
    query_days: Annotated[int, Whole(1, 3650)] = Field(
        30, description="Days that the results of Athena's queries are kept", examples=[7]
    )
    results_days: Annotated[int, Whole(30, 3650)] = Field(
        400, description="Days that runs' results and what people were told of them are kept", examples=[800]
    )


def check_retention(config: StackConfig, options: Retention) -> None:
    """Refuse raw objects that expire before they move."""
    if "raw_tier_days" in config.wrong_keys:
        return
    moves, tier_days = options.raw_tier != "NONE", options.raw_tier_days
    if options.raw_expire_days and moves and options.raw_expire_days <= tier_days:
        config.add_fault("raw_expire_days", f"0, or more than raw_tier_days, which is {tier_days}")
