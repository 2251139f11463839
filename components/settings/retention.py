"""How long things are kept, as the stack's configuration has it."""

from dataclasses import dataclass

from components.settings.config_reader import StackConfig

LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""The periods that CloudWatch Logs takes (API reference, PutRetentionPolicy)."""


@dataclass(frozen=True)
class Retention:
    """How long things are kept, in days; `raw_expire_days` 0 is for ever."""

    log_days: int
    access_log_days: int
    noncurrent_days: int
    raw_tier: str
    raw_tier_days: int
    raw_expire_days: int
    query_days: int


def read_retention(config: StackConfig) -> Retention:
    """Read how long things are kept; faults are noted in `config`."""
    tier = config.read_choice("raw_tier", "INTELLIGENT_TIERING", "STANDARD_IA", "NONE")
    # S3 moves nothing to Standard-IA within 30 days (S3, Transitioning objects using lifecycle)
    tier_days = config.read_integer("raw_tier_days", 30 if tier == "STANDARD_IA" else 1, 3650)
    expire_days = config.read_integer("raw_expire_days", 0, 36500)
    if expire_days and tier != "NONE" and expire_days <= tier_days:
        config.add_fault("raw_expire_days", f"0, or more than raw_tier_days, which is {tier_days}")
    return Retention(
        log_days=config.read_one_of("log_days", LOG_DAYS),
        access_log_days=config.read_integer("access_log_days", 1, 3650),
        noncurrent_days=config.read_integer("noncurrent_days", 1, 3650),
        raw_tier=tier,
        raw_tier_days=tier_days,
        raw_expire_days=expire_days,
        query_days=config.read_integer("query_days", 1, 3650),
    )
