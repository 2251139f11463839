"""A stack's settings: its options and its datasets, read once into frozen records."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from typing_extensions import override

from components.mock_run import refuse_deployment
from components.names import FORGET, Names, stack_takes
from components.settings import dependencies as needs
from components.settings.audience import unreached_owners
from components.settings.boundary import check_account, check_boundary, check_github
from components.settings.channels import (
    ALARM_EMAIL_CHANNEL,
    Channel,
    read_channels,
    read_owners,
    unencrypted_secrets,
)
from components.settings.config_reader import StackConfig
from components.settings.contracts import NO_CONTRACT, DeployedContract, load_contract, unresolved_names
from components.settings.dataset_options import DatasetEntry, DatasetOptions
from components.settings.history_starts import check_bounds_per_run
from components.settings.options import StackOptions
from components.settings.project_name import option_key
from components.settings.quoting import HIDDEN_VALUE, describe_kind
from components.settings.retention import check_retention
from components.settings.warehouse import check_warehouse, loaded_datasets
from components.tags import tag_faults
from etl.contract.field_kinds import DATASET_LENGTH, DATASET_NAME
from etl.contract.json_values import is_object
from etl.contract.severity import Severity
from etl.contract.table_names import RESULTS_OF_RULES, RESULTS_OF_RUNS, companion_tables_of

LONGEST_MUTE_DAYS = 15
"""Days, and the longest that a rule of CloudWatch mutes alarms (Amazon CloudWatch, Alarm mute rules)."""
RESERVED_DOMAINS = r"[@.]example\.(com|org|net)$|\.(example|test|invalid|localhost)$"
"""Domains that reach nobody (RFC 2606)."""


class Dataset(DatasetEntry):
    """How one dataset goes through the gate; `timeout` and `notify_after` in minutes, schedules in UTC.

    `needs` are the datasets before it: those that its contract is built from among them. `quarantine_days` 0 is for ever.
    """

    name: str
    terms: DeployedContract

    @override
    def __hash__(self) -> int:
        """Return the hash of the name, which no other dataset of a stack has."""
        return hash(self.name)

    @property
    def starts_on_arrival(self) -> bool:
        """Whether its files start it; what is built from tables starts with their datasets."""
        return self.start == "arrival" and not self.terms.sources


@dataclass(frozen=True)
class Settings:
    """Everything that differs between stacks."""

    stack: str
    region: str
    options: StackOptions
    datasets: tuple[Dataset, ...]
    channels: tuple[Channel, ...] = ()
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def names_for(self, account: str) -> Names:
        """Return what everything is called in an account; raises BadConfiguration where the boundary is another's."""
        names = Names(self.options.prefix, self.stack, self.region, account, self.options.boundary)
        check_account(names)
        return names

    @property
    def warehouse_datasets(self) -> tuple[Dataset, ...]:
        """The datasets that the warehouse holds, in the order of the option; none where there is no warehouse."""
        datasets = {dataset.name: dataset for dataset in self.datasets}
        contracts = {name: dataset.terms for name, dataset in datasets.items()}
        return tuple(datasets[name] for name in loaded_datasets(self.options, contracts))


def read_settings() -> Settings:
    """Return the settings of the stack that runs, and warn of what is likely an oversight.

    Raises BadConfiguration naming every faulty key.
    """
    raw_values = {**get_config_env(), **CONFIG.get()}
    project = f"{pulumi.get_project()}:"
    own_values = {key.removeprefix(project): value for key, value in raw_values.items() if key.startswith(project)}
    secret_keys = [key for key in own_values if is_config_secret(f"{project}{key}")]
    untagged = tag_faults(raw_values.get("aws:defaultTags") or "", pulumi.get_stack())
    region = raw_values.get("aws:region") or ""
    settings = parse_settings(own_values, pulumi.get_stack(), region, untagged, secret_keys)
    options = settings.options
    check_github(options.boundary)
    for key, address in addresses(settings).items():
        if options.protect and re.search(RESERVED_DOMAINS, address, re.IGNORECASE):
            shown = HIDDEN_VALUE if key.partition(".")[0] in secret_keys else f'"{address}"'
            refuse_deployment(
                f"{option_key(key)} is {shown}: takes a person's address, since the stack is protected and "
                "this domain is reserved for examples (RFC 2606): set it in the stack's file"
            )
    for message in (*absent_references(settings), *channel_warnings(settings, secret_keys)):
        pulumi.log.warn(message)
    return settings


def addresses(settings: Settings) -> dict[str, str]:
    """Return the e-mail addresses by the key that has each."""
    alarm_email = settings.options.alarm_email
    mails = {channel.name: channel.values["to"] for channel in settings.channels if channel.kind == "email"}
    return {
        "alarm_email" if alarm_email and name == ALARM_EMAIL_CHANNEL else f"channels.{name}.to": address
        for name, address in mails.items()
    }


def channel_warnings(settings: Settings, secret_keys: Collection[str]) -> list[str]:
    """Return a sentence for each owner whom no channel of his own hears, and for each secret in plain text."""
    owners = {dataset.name: dataset.terms.owner for dataset in settings.datasets}
    return [
        *unreached_owners(owners, settings.channels, settings.owners),
        *unencrypted_secrets(secret_keys, settings.channels),
    ]


def absent_references(settings: Settings) -> list[str]:
    """Return a sentence for each dataset that others refer to and the stack does not deploy.

    No fault: a run counts the rules on a table that is not there as not evaluated, and a lake is built up in steps.
    """
    deployed = {dataset.name for dataset in settings.datasets}
    return [
        f"{dataset.name} refers to {name} (expectations/{dataset.name}/output.json), which {option_key('datasets')} lacks; it "
        f"has {', '.join(sorted(deployed))}. Rules on {name} are not evaluated while it has no table: add it"
        for dataset in settings.datasets
        for name in dataset.terms.references
        if name not in deployed
    ]


def parse_settings(  # noqa: PLR0913  each is a part of what the engine hands over
    values: Mapping[str, Any],
    stack: str,
    region: str,
    provider_faults: Iterable[str] = (),
    secret_keys: Collection[str] = (),
    today: date | None = None,
) -> Settings:
    """Return the settings from values by key, as text or as YAML has them.

    `provider_faults` are those of the provider's keys, to be told with the rest; `secret_keys` have values that no message
    holds. `today` is the UTC date, by default that of now.

    Raises BadConfiguration naming every faulty key.
    """
    config = StackConfig(values, secret_keys)
    options = config.read(StackOptions, left_to_datasets=DatasetOptions.model_fields)
    datasets = tuple(read_dataset(config, name, entry) for name, entry in options.datasets.items())
    channels = read_channels(config, options.channels, options.alarm_email)
    owners = read_owners(config, options.owners, channels)
    check_between_options(config, options, datasets)
    check_listener(config, options, channels)
    check_mutes(config, datasets, today or datetime.now(UTC).date())
    check_boundary(config, _text(config, "prefix"), stack, region)
    if takes := stack_takes(stack):
        config.faults.append(f"the stack's name is {stack}: takes {takes}")
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", region):
        config.faults.append(f"aws:region is {region or 'not set'}: takes an AWS region such as eu-west-1")
    config.faults += provider_faults
    config.raise_faults()
    active = needs.active_datasets({dataset.name: dataset.active for dataset in datasets}, _sources(datasets))
    started = tuple(dataset.model_copy(update={"active": active[dataset.name]}) for dataset in datasets)
    return Settings(stack, region, options, started, channels, owners)


def check_between_options(config: StackConfig, options: StackOptions, datasets: tuple[Dataset, ...]) -> None:
    """Keep the faults of options that are right by themselves and not together."""
    check_retention(config, options)
    check_warehouse(config, options, {dataset.name: dataset.terms for dataset in datasets})
    needs.check_needs(config, {dataset.name: dataset.needs for dataset in datasets}, _sources(datasets))
    check_table_names(config, [dataset.name for dataset in datasets])
    starts = {dataset.name: dataset.starts_on_arrival for dataset in datasets}
    check_bounds_per_run(
        config, starts, _sources(datasets), {dataset.name: dataset.terms.bounds_per_run for dataset in datasets}
    )


def check_listener(config: StackConfig, options: StackOptions, channels: Iterable[Channel]) -> None:
    """Refuse a protected stack whose critical messages nobody hears."""
    listens = any(channel.hears(Severity.CRITICAL) for channel in channels)
    if options.protect and not listens and not config.values.get("alarm_email"):
        config.add_fault(
            "alarm_email",
            "an e-mail address, or channels one that hears critical messages, since the stack is protected and somebody has "
            "to hear it",
        )


def check_mutes(config: StackConfig, datasets: Iterable[Dataset], today: date) -> None:
    """Refuse what is muted too long, and what stands there although its day is over."""
    last = today + timedelta(days=LONGEST_MUTE_DAYS)
    for dataset in datasets:
        if dataset.mute and not today.isoformat() <= dataset.mute["until"] <= last.isoformat():
            over = "is over: drop it" if dataset.mute["until"] < today.isoformat() else "is too far"
            config.faults.append(
                f"{config.path}datasets.{dataset.name}.mute.until is {dataset.mute['until']}: takes a day from {today} to "
                f"{last}, since nothing is muted for more than {LONGEST_MUTE_DAYS} days; this one {over}"
            )


def check_table_names(config: StackConfig, datasets: Collection[str]) -> None:
    """Refuse a dataset whose table would be another's quarantine, ledger or crawled table, or that of the results.

    Each would overwrite the other. The job of a dataset `forget` would be the one that forgets rows.
    """
    owners = {table: name for name in datasets for table in companion_tables_of(name)}
    for name in owners.keys() & set(datasets):
        config.faults.append(
            f"{config.path}datasets.{name}: takes another name, since {owners[name]} has a table {name} beside its own"
        )
    if FORGET in datasets:
        config.faults.append(
            f"{config.path}datasets.{FORGET}: takes another name, since the stack's job of that name forgets rows"
        )
    for name in sorted({RESULTS_OF_RUNS, RESULTS_OF_RULES} & set(datasets)):
        config.faults.append(
            f"{config.path}datasets.{name}: takes another name, since the table {name} has the results of all runs"
        )


def read_dataset(stack_config: StackConfig, name: str, entry: object) -> Dataset:
    """Return one dataset: the stack's values, and its own over them.

    An entry that is no mapping counts as one without values, so that what refers to it is no fault.
    """
    own_values: dict[str, Any] = entry if is_object(entry) else {}
    if not is_object(entry):
        expected_form = "a mapping of its own values, such as {} where it takes the stack's"
        shown = HIDDEN_VALUE if "datasets" in stack_config.secret_keys else describe_kind(entry)
        stack_config.faults.append(f"{stack_config.path}datasets.{name} is {shown}: takes {expected_form}")
    config = stack_config.entry_of(name, own_values)
    options = config.read(DatasetEntry)
    config.refuse_repeats("needs", options.needs)
    terms = read_contract(stack_config, name)
    needed = tuple(dict.fromkeys([*options.needs, *terms.sources]))
    return Dataset.model_construct(None, **{**dict(options), "name": name, "terms": terms, "needs": needed})


def read_contract(stack_config: StackConfig, name: str) -> DeployedContract:
    """Return a dataset's contract, NO_CONTRACT where there is none that could be deployed."""
    path = f"{stack_config.path}datasets.{name}"
    if not re.fullmatch(DATASET_NAME, name, re.ASCII):
        stack_config.faults.append(f"{path}: takes a name of at most {DATASET_LENGTH} of a-z, 0-9 and underscore")
        return NO_CONTRACT
    try:
        deployed_contract = load_contract(name)
        stack_config.faults += [f"{path}: takes {fault}" for fault in unresolved_names(name)]
        return deployed_contract
    except ValueError as fault:
        stack_config.faults.append(f"{path}: takes {fault}")
        return NO_CONTRACT


def _sources(datasets: Iterable[Dataset]) -> needs.Needs:
    return {dataset.name: dataset.terms.sources for dataset in datasets}


def _text(config: StackConfig, key: str) -> str:
    value = config.values.get(key)
    return value if isinstance(value, str) else ""
