"""The stack's configuration, read once into frozen records."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from components.mock_run import refuse
from components.names import Names, prefix_takes, stack_takes
from components.settings import dependencies as needs
from components.settings.boundary import boundary, check_account, check_github
from components.settings.config_reader import Answers, BadConfiguration
from components.settings.contracts import NO_TERMS, Terms, terms, unanswered
from components.settings.retention import Retention, retention
from components.settings.warehouse import Warehouse, warehouse
from components.tags import tag_faults
from etl.contract.table_names import others_of

EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"
NOBODYS = r"[@.]example\.(com|org|net)$|\.(example|test|invalid|localhost)$"
"""Domains that reach nobody (RFC 2606)."""
DATASET_LENGTH = 20
"""With the longest prefix, stack and suffix a rule's name stays within 64 characters."""
WORKERS = ("G.1X", "G.2X", "G.4X", "G.8X")
ASSETS, NOWHERE = "assets", "none"
SERVER = r"https://[\w.-]+(:\d+)?(/[\w./~-]*)?"
"""Without a name and a password, which would stand in the job's definition."""


@dataclass(frozen=True)
class Dataset:
    """How one dataset goes through the gate; `timeout` and `notify_after` in minutes, schedules in UTC.

    `needs` are the datasets before it: those that its contract is built from among them. `quarantine_days` 0 is for ever.
    `lineage` is where its runs tell of themselves: ASSETS, a server's URL, or NOWHERE.
    """

    name: str
    terms: Terms
    start: str
    schedule: str
    active: bool
    workers: int
    worker_type: str
    timeout: int
    notify_after: int
    crawl: str
    maintain: str
    snapshot_days: int
    quarantine_days: int
    lineage: str
    needs: tuple[str, ...] = ()

    @property
    def arrives(self) -> bool:
        """Whether its files start it; what is built from tables starts with their datasets."""
        return self.start == "arrival" and not self.terms.sources


@dataclass(frozen=True)
class Settings:
    """Everything that differs between stacks; `window` in minutes, between two looks at what arrived.

    `query_gb` is what one query of Athena may scan.
    """

    prefix: str
    stack: str
    region: str
    datasets: tuple[Dataset, ...]
    window: int
    alarm_email: str
    protect: bool
    customer_key: bool
    wheels: bool
    query_gb: int
    retention: Retention
    warehouse: Warehouse
    boundary: str

    def names(self, account: str) -> Names:
        """Return what everything is called in an account; raises BadConfiguration where the boundary is another's."""
        names = Names(self.prefix, self.stack, self.region, account, self.boundary)
        check_account(names)
        return names


OF_A_DATASET = {one.name for one in fields(Dataset)} - {"name", "terms"}
OF_ONE_ALONE = {"needs"}  # no value of the stack stands behind these
OF_THE_STACK = {one.name for record in (Settings, Retention, Warehouse) for one in fields(record)} - {
    "stack",
    "region",
    "retention",
    "warehouse",
}


def read() -> Settings:
    """Return the settings of the stack that runs, and warn of what is likely an oversight.

    Raises BadConfiguration naming every faulty key.
    """
    given = {**get_config_env(), **CONFIG.get()}
    project = f"{pulumi.get_project()}:"
    own = {key.removeprefix(project): value for key, value in given.items() if key.startswith(project)}
    untagged = tag_faults(given.get("aws:defaultTags") or "", pulumi.get_stack())
    settings = settle(own, pulumi.get_stack(), given.get("aws:region") or "", untagged)
    check_github(settings.boundary)
    if settings.protect and re.search(NOBODYS, settings.alarm_email, re.IGNORECASE):
        refuse(
            f'sluice:alarm_email is "{settings.alarm_email}": takes a person\'s address, since the stack is protected and '
            "this domain is reserved for examples (RFC 2606): set it in the stack's file"
        )
    for told in absent(settings):
        pulumi.log.warn(told)
    return settings


def absent(settings: Settings) -> list[str]:
    """Return a sentence for each dataset that others refer to and the stack does not deploy.

    No fault: a run counts the rules on a table that is not there as not evaluated, and a lake is built up in steps.
    """
    deployed = {one.name for one in settings.datasets}
    return [
        f"{one.name} refers to {name} (expectations/{one.name}/output.json), which sluice:datasets lacks; it has "
        f"{', '.join(sorted(deployed))}. Rules on {name} are not evaluated while it has no table: add it"
        for one in settings.datasets
        for name in one.terms.references
        if name not in deployed
    ]


def settle(given: Mapping[str, Any], stack: str, region: str, provider_faults: Iterable[str] = ()) -> Settings:
    """Return the settings from texts by key; `provider_faults` are those of the provider's keys, to be told with the rest.

    Raises BadConfiguration naming every faulty key.
    """
    answers = Answers(given)
    answers.allow_only_own(OF_THE_STACK | (OF_A_DATASET - OF_ONE_ALONE))
    protect = answers.flag("protect")
    settings = Settings(
        prefix=prefix(answers),
        stack=stack,
        region=region,
        datasets=tuple(dataset(answers, name, own) for name, own in answers.members("datasets").items()),
        window=answers.whole("window", 1, 1440),
        alarm_email=email(answers, protect),
        protect=protect,
        customer_key=answers.flag("customer_key"),
        wheels=answers.flag("wheels"),
        query_gb=answers.whole("query_gb", 1, 100000),
        retention=retention(answers),
        warehouse=warehouse(answers, answers.members("datasets")),
        boundary=boundary(answers, prefix(answers), stack, region),
    )
    sources = {one.name: one.terms.sources for one in settings.datasets}
    needs.check(answers, {one.name: one.needs for one in settings.datasets}, sources)
    names_apart(answers, [one.name for one in settings.datasets])
    if takes := stack_takes(stack):
        answers.faults.append(f"the stack's name is {stack}: takes {takes}")
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", region):
        answers.faults.append(f"aws:region is {region or 'not set'}: takes an AWS region such as eu-west-1")
    answers.faults += provider_faults
    if answers.faults:
        raise BadConfiguration("\n  ".join(["the configuration is refused:", *dict.fromkeys(answers.faults)]))
    active = needs.active({one.name: one.active for one in settings.datasets}, sources)
    return replace(settings, datasets=tuple(replace(one, active=active[one.name]) for one in settings.datasets))


def names_apart(answers: Answers, datasets: Iterable[str]) -> None:
    """Refuse a dataset whose table would be another's quarantine, ledger or crawled table: each would overwrite the other."""
    own = {table: name for name in datasets for table in others_of(name)}
    for name in own.keys() & set(datasets):
        answers.faults.append(
            f"{answers.path}datasets.{name}: takes another name, since {own[name]} has a table {name} beside its own"
        )


def prefix(answers: Answers) -> str:
    given = answers.given.get("prefix")
    text = given if isinstance(given, str) else ""
    if takes := prefix_takes(text):
        answers.refuse("prefix", takes)
    return text


def email(answers: Answers, protect: bool) -> str:
    given = answers.text("alarm_email", f"|{EMAIL}", "an e-mail address, or nothing")
    if protect and not answers.given.get("alarm_email"):
        answers.refuse("alarm_email", "an e-mail address, since the stack is protected and somebody has to hear it")
    return given


def dataset(stack: Answers, name: str, own: dict[str, Any]) -> Dataset:
    """One dataset: the stack's values, and its own over them."""
    answers = stack.below(f"datasets.{name}.", own)
    answers.allow_only_own(OF_A_DATASET)
    timeout = answers.whole("timeout", 5, 2880)
    terms = contract(stack, name)
    return Dataset(
        name=name,
        terms=terms,
        start=answers.choice("start", "schedule", "arrival"),
        schedule=answers.cron("schedule"),
        active=answers.flag("active"),
        workers=answers.whole("workers", 2, 299),
        worker_type=answers.choice("worker_type", *WORKERS),
        timeout=timeout,
        notify_after=answers.whole("notify_after", 1, timeout - 1),
        crawl=answers.cron("crawl", or_nothing=True),
        maintain=answers.cron("maintain"),
        snapshot_days=answers.whole("snapshot_days", 1, 3650),
        quarantine_days=answers.whole("quarantine_days", 0, 36500),
        lineage=answers.text(
            "lineage", f"{ASSETS}|{NOWHERE}|{SERVER}", f"{ASSETS}, a server's https://..., or {NOWHERE}"
        ),
        needs=needs.of(answers, own, terms),
    )


def contract(stack: Answers, name: str) -> Terms:
    taken = f"{stack.path}datasets.{name}"
    if not re.fullmatch(rf"[a-z][a-z0-9_]{{0,{DATASET_LENGTH - 1}}}", name, re.ASCII):
        stack.faults.append(f"{taken}: takes a name of at most {DATASET_LENGTH} of a-z, 0-9 and underscore")
        return NO_TERMS
    try:
        found = terms(name)
        stack.faults += [f"{taken}: takes {fault}" for fault in unanswered(name)]
        return found
    except ValueError as fault:
        stack.faults.append(f"{taken}: takes {fault}")
        return NO_TERMS
