"""The stack's configuration, read once into frozen records."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from components.mock_run import refuse_deployment
from components.names import Names, prefix_takes, stack_takes
from components.settings import dependencies as needs
from components.settings.boundary import check_account, check_github, read_boundary
from components.settings.config_reader import BadConfiguration, StackConfig
from components.settings.contracts import NO_CONTRACT, DeployedContract, load_contract, unresolved_names
from components.settings.retention import Retention, read_retention
from components.settings.warehouse import Warehouse, read_warehouse
from components.tags import tag_faults
from etl.contract.table_names import companion_tables_of

EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"
RESERVED_DOMAINS = r"[@.]example\.(com|org|net)$|\.(example|test|invalid|localhost)$"
"""Domains that reach nobody (RFC 2606)."""
DATASET_LENGTH = 20
"""With the longest prefix, stack and suffix a rule's name stays within 64 characters."""
WORKER_TYPES = ("G.1X", "G.2X", "G.4X", "G.8X")
ASSETS, NOWHERE = "assets", "none"
LINEAGE_SERVER = r"https://[\w.-]+(:\d+)?(/[\w./~-]*)?"
"""Without a name and a password, which would stand in the job's definition."""


@dataclass(frozen=True)
class Dataset:
    """How one dataset goes through the gate; `timeout` and `notify_after` in minutes, schedules in UTC.

    `needs` are the datasets before it: those that its contract is built from among them. `quarantine_days` 0 is for ever.
    `lineage` is where its runs tell of themselves: ASSETS, a server's URL, or NOWHERE.
    """

    name: str
    terms: DeployedContract
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
    def starts_on_arrival(self) -> bool:
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

    def names_for(self, account: str) -> Names:
        """Return what everything is called in an account; raises BadConfiguration where the boundary is another's."""
        names = Names(self.prefix, self.stack, self.region, account, self.boundary)
        check_account(names)
        return names


DATASET_KEYS = {config_field.name for config_field in fields(Dataset)} - {"name", "terms"}
DATASET_ONLY_KEYS = {"needs"}  # no value of the stack stands behind these
STACK_KEYS = {config_field.name for record in (Settings, Retention, Warehouse) for config_field in fields(record)} - {
    "stack",
    "region",
    "retention",
    "warehouse",
}


def read_settings() -> Settings:
    """Return the settings of the stack that runs, and warn of what is likely an oversight.

    Raises BadConfiguration naming every faulty key.
    """
    raw_values = {**get_config_env(), **CONFIG.get()}
    project = f"{pulumi.get_project()}:"
    own_values = {key.removeprefix(project): value for key, value in raw_values.items() if key.startswith(project)}
    untagged = tag_faults(raw_values.get("aws:defaultTags") or "", pulumi.get_stack())
    settings = parse_settings(own_values, pulumi.get_stack(), raw_values.get("aws:region") or "", untagged)
    check_github(settings.boundary)
    if settings.protect and re.search(RESERVED_DOMAINS, settings.alarm_email, re.IGNORECASE):
        refuse_deployment(
            f'sluice:alarm_email is "{settings.alarm_email}": takes a person\'s address, since the stack is protected and '
            "this domain is reserved for examples (RFC 2606): set it in the stack's file"
        )
    for message in absent_references(settings):
        pulumi.log.warn(message)
    return settings


def absent_references(settings: Settings) -> list[str]:
    """Return a sentence for each dataset that others refer to and the stack does not deploy.

    No fault: a run counts the rules on a table that is not there as not evaluated, and a lake is built up in steps.
    """
    deployed = {dataset.name for dataset in settings.datasets}
    return [
        f"{dataset.name} refers to {name} (expectations/{dataset.name}/output.json), which sluice:datasets lacks; it has "
        f"{', '.join(sorted(deployed))}. Rules on {name} are not evaluated while it has no table: add it"
        for dataset in settings.datasets
        for name in dataset.terms.references
        if name not in deployed
    ]


def parse_settings(values: Mapping[str, Any], stack: str, region: str, provider_faults: Iterable[str] = ()) -> Settings:
    """Return the settings from texts by key; `provider_faults` are those of the provider's keys, to be told with the rest.

    Raises BadConfiguration naming every faulty key.
    """
    config = StackConfig(values)
    config.refuse_unknown_keys(STACK_KEYS | (DATASET_KEYS - DATASET_ONLY_KEYS))
    protect = config.read_flag("protect")
    settings = Settings(
        prefix=read_prefix(config),
        stack=stack,
        region=region,
        datasets=tuple(
            read_dataset(config, name, own_values) for name, own_values in config.read_members("datasets").items()
        ),
        window=config.read_integer("window", 1, 1440),
        alarm_email=read_email(config, protect),
        protect=protect,
        customer_key=config.read_flag("customer_key"),
        wheels=config.read_flag("wheels"),
        query_gb=config.read_integer("query_gb", 1, 100000),
        retention=read_retention(config),
        warehouse=read_warehouse(config, config.read_members("datasets")),
        boundary=read_boundary(config, read_prefix(config), stack, region),
    )
    sources = {configured.name: configured.terms.sources for configured in settings.datasets}
    needs.check_needs(config, {configured.name: configured.needs for configured in settings.datasets}, sources)
    check_table_names(config, [configured.name for configured in settings.datasets])
    if takes := stack_takes(stack):
        config.faults.append(f"the stack's name is {stack}: takes {takes}")
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", region):
        config.faults.append(f"aws:region is {region or 'not set'}: takes an AWS region such as eu-west-1")
    config.faults += provider_faults
    if config.faults:
        raise BadConfiguration("\n  ".join(["the configuration is refused:", *dict.fromkeys(config.faults)]))
    active = needs.active_datasets({configured.name: configured.active for configured in settings.datasets}, sources)
    return replace(
        settings,
        datasets=tuple(replace(configured, active=active[configured.name]) for configured in settings.datasets),
    )


def check_table_names(config: StackConfig, datasets: Iterable[str]) -> None:
    """Refuse a dataset whose table would be another's quarantine, ledger or crawled table: each would overwrite the other."""
    owners = {table: name for name in datasets for table in companion_tables_of(name)}
    for name in owners.keys() & set(datasets):
        config.faults.append(
            f"{config.path}datasets.{name}: takes another name, since {owners[name]} has a table {name} beside its own"
        )


def read_prefix(config: StackConfig) -> str:
    """Read the prefix of all names; a wrong one is noted in `config`."""
    value = config.values.get("prefix")
    text = value if isinstance(value, str) else ""
    if takes := prefix_takes(text):
        config.add_fault("prefix", takes)
    return text


def read_email(config: StackConfig, protect: bool) -> str:
    """Read whom alarms are mailed to; a protected stack without one is noted in `config`."""
    address = config.read_text("alarm_email", f"|{EMAIL}", "an e-mail address, or nothing")
    if protect and not config.values.get("alarm_email"):
        config.add_fault("alarm_email", "an e-mail address, since the stack is protected and somebody has to hear it")
    return address


def read_dataset(stack_config: StackConfig, name: str, own_values: dict[str, Any]) -> Dataset:
    """One dataset: the stack's values, and its own over them."""
    config = stack_config.with_overrides(f"datasets.{name}.", own_values)
    config.refuse_unknown_keys(DATASET_KEYS)
    timeout = config.read_integer("timeout", 5, 2880)
    terms = read_contract(stack_config, name)
    return Dataset(
        name=name,
        terms=terms,
        start=config.read_choice("start", "schedule", "arrival"),
        schedule=config.read_cron("schedule"),
        active=config.read_flag("active"),
        workers=config.read_integer("workers", 2, 299),
        worker_type=config.read_choice("worker_type", *WORKER_TYPES),
        timeout=timeout,
        notify_after=config.read_integer("notify_after", 1, timeout - 1),
        crawl=config.read_cron("crawl", or_nothing=True),
        maintain=config.read_cron("maintain"),
        snapshot_days=config.read_integer("snapshot_days", 1, 3650),
        quarantine_days=config.read_integer("quarantine_days", 0, 36500),
        lineage=config.read_text(
            "lineage", f"{ASSETS}|{NOWHERE}|{LINEAGE_SERVER}", f"{ASSETS}, a server's https://..., or {NOWHERE}"
        ),
        needs=needs.dataset_needs(config, own_values, terms),
    )


def read_contract(stack_config: StackConfig, name: str) -> DeployedContract:
    """Load a dataset's contract; faults are noted in `stack_config`."""
    path = f"{stack_config.path}datasets.{name}"
    if not re.fullmatch(rf"[a-z][a-z0-9_]{{0,{DATASET_LENGTH - 1}}}", name, re.ASCII):
        stack_config.faults.append(f"{path}: takes a name of at most {DATASET_LENGTH} of a-z, 0-9 and underscore")
        return NO_CONTRACT
    try:
        deployed_contract = load_contract(name)
        stack_config.faults += [f"{path}: takes {fault}" for fault in unresolved_names(name)]
        return deployed_contract
    except ValueError as fault:
        stack_config.faults.append(f"{path}: takes {fault}")
        return NO_CONTRACT
