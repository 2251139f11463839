"""The stack's configuration, read once into frozen records."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from components.answers import Answers, BadConfiguration
from components.contracts import Terms, terms

CRON = r"cron\(\S+ \S+ \S+ \S+ \S+ \S+\)"
EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"
PREFIX_LENGTH, STACK_LENGTH, DATASET_LENGTH = 20, 12, 20
"""Together with the longest zone, account and suffix these stay within 63 characters a bucket, 64 a role or rule."""
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""The periods that PutRetentionPolicy takes."""
OF_A_DATASET = {"schedule", "active", "workers", "worker_type", "timeout", "notify_after", "crawl"}
OF_THE_STACK = OF_A_DATASET | {
    "prefix", "datasets", "alarm_email", "protect", "customer_key", "wheels", "log_days", "access_log_days",
    "noncurrent_days", "raw_tier", "raw_tier_days", "raw_expire_days",
}  # fmt: skip


@dataclass(frozen=True)
class Dataset:
    """How one dataset goes through the gate; `timeout` and `notify_after` in minutes, schedules in UTC."""

    name: str
    terms: Terms
    schedule: str
    active: bool
    workers: int
    worker_type: str
    timeout: int
    notify_after: int
    crawl: str


@dataclass(frozen=True)
class Retention:
    """How long things are kept, in days; `raw_expire` 0 is for ever."""

    logs: int
    access_logs: int
    noncurrent: int
    raw_tier: str
    raw_tier_after: int
    raw_expire: int


@dataclass(frozen=True)
class Settings:
    """Everything that differs between stacks."""

    prefix: str
    stack: str
    region: str
    datasets: tuple[Dataset, ...]
    alarm_email: str
    protect: bool
    customer_key: bool
    wheels: bool
    retention: Retention


def read() -> Settings:
    """The settings of the stack that runs; raises BadConfiguration naming every faulty key."""
    given = {**get_config_env(), **CONFIG.get()}
    project = f"{pulumi.get_project()}:"
    own = {key.removeprefix(project): value for key, value in given.items() if key.startswith(project)}
    return settle(own, pulumi.get_stack(), given.get("aws:region") or "")


def settle(given: Mapping[str, Any], stack: str, region: str) -> Settings:
    """The settings from plain texts by key; raises BadConfiguration naming every faulty key."""
    answers = Answers(given)
    answers.allow_only(OF_THE_STACK)
    settings = Settings(
        prefix=prefix(answers), stack=stack, region=region,
        datasets=tuple(dataset(answers, name, own) for name, own in answers.members("datasets").items()),
        alarm_email=answers.text("alarm_email", f"|{EMAIL}", "an e-mail address, or nothing"),
        protect=answers.flag("protect"), customer_key=answers.flag("customer_key"), wheels=answers.flag("wheels"),
        retention=retention(answers),
    )  # fmt: skip
    if settings.protect and not given.get("alarm_email"):
        answers.refuse("alarm_email", "an e-mail address, since the stack is protected: someone has to hear the alarm")
    if not re.fullmatch(rf"[a-z][a-z0-9-]{{0,{STACK_LENGTH - 1}}}", stack):
        answers.faults.append(f"the stack's name is {stack}: takes at most {STACK_LENGTH} of a-z, 0-9 and hyphen")
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region):
        answers.faults.append(f"aws:region is {region or 'not set'}: takes an AWS region such as eu-west-1")
    if answers.faults:
        raise BadConfiguration("\n  ".join(["the configuration is refused:", *dict.fromkeys(answers.faults)]))
    return settings


def prefix(answers: Answers) -> str:
    return answers.text(
        "prefix", rf"(?!aws|xn--|sthree-)[a-z][a-z0-9-]{{0,{PREFIX_LENGTH - 2}}}[a-z0-9]",
        f"2 to {PREFIX_LENGTH} of a-z, 0-9 and hyphen, beginning with a letter, not with aws",
    )  # fmt: skip


def dataset(stack: Answers, name: str, own: dict[str, Any]) -> Dataset:
    answers = stack.below(f"datasets.{name}", own)
    Answers(own, f"{stack.path}datasets.{name}.", stack.faults).allow_only(OF_A_DATASET)
    timeout = answers.whole("timeout", 5, 2880)
    return Dataset(
        name=name, terms=contract(stack, name),
        schedule=answers.text("schedule", CRON, "a schedule as AWS writes it, such as cron(0 6 * * ? *)"),
        active=answers.flag("active"), workers=answers.whole("workers", 2, 299),
        worker_type=answers.choice("worker_type", "G.1X", "G.2X", "G.4X", "G.8X"),
        timeout=timeout, notify_after=answers.whole("notify_after", 1, timeout - 1),
        crawl=answers.text("crawl", f"|{CRON}", "a schedule as AWS writes it, such as cron(0 5 * * ? *), or nothing"),
    )  # fmt: skip


def contract(stack: Answers, name: str) -> Terms:
    taken = f"{stack.path}datasets.{name}"
    if not re.fullmatch(rf"[a-z][a-z0-9_]{{0,{DATASET_LENGTH - 1}}}", name):
        stack.faults.append(f"{taken}: takes a name of at most {DATASET_LENGTH} of a-z, 0-9 and underscore")
    else:
        try:
            return terms(name)
        except ValueError as fault:
            stack.faults.append(f"{taken}: takes {fault}")
    return Terms("", "", "", "", 1)


def retention(answers: Answers) -> Retention:
    logs = answers.whole("log_days", LOG_DAYS[0], LOG_DAYS[-1])
    if logs not in LOG_DAYS:
        answers.refuse("log_days", f"one of {', '.join(map(str, LOG_DAYS))}")
    tier = answers.choice("raw_tier", "INTELLIGENT_TIERING", "STANDARD_IA", "NONE")
    after = answers.whole("raw_tier_days", 30 if tier == "STANDARD_IA" else 0, 3650)
    expire = answers.whole("raw_expire_days", 0, 36500)
    if expire and tier != "NONE" and expire <= after:
        answers.refuse("raw_expire_days", f"0, or more than raw_tier_days ({after})")
    return Retention(
        logs, answers.whole("access_log_days", 1, 3650), answers.whole("noncurrent_days", 1, 3650), tier, after, expire
    )
