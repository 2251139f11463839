"""Suite files become contracts, strictly.

The library drops what it does not know and passes an empty suite. Here whatever cannot be meant is an error: all faults at
once, each with file, rule and remedy.
"""

import json
from dataclasses import replace
from typing import Any

from etl.contract.faults import Fault
from etl.contract.loads import LoadKind
from etl.contract.manifest_globs import with_success_marker
from etl.contract.masking import Masking
from etl.contract.model import Contract, Rule
from etl.contract.stage import suite_stage
from etl.contract.suite_meta import AnyMeta
from etl.contract.suite_model import AnySuite, SuiteRule, suite_adapter
from etl.contract.validation.suite import faults_of
from etl.errors import ContractInvalid


def parse_contract(text: str, where: str) -> Contract:
    """Read a suite file's text; `where` names the file in messages.

    Raises:
        ContractInvalid: with every fault, each naming file, rule and remedy.
    """
    suite, faults = parse_suite(text)
    if faults:
        raise ContractInvalid("\n".join(f"{where}: {fault}" for fault in faults))
    return contract_of(suite)


def parse_suite(text: str) -> tuple[Any, list[Fault]]:
    """Return a suite file's text as parsed JSON, and what is wrong with it."""
    try:
        suite = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        return None, [Fault(f"this is no JSON a contract can be: {error}", "write it as JSON")]
    return suite, faults_of(suite)


def contract_of(suite: dict[str, Any]) -> Contract:
    """Return the contract of a suite that has no faults.

    Raises:
        ValidationError: a field of it has one.
    """
    dataset, _, stage = suite["name"].partition(".")
    parsed = suite_adapter(AnySuite).validate_python(suite)
    return Contract(
        **vars(parsed.meta),
        dataset=dataset,
        stage=suite_stage(stage),
        rules=tuple(_rule_of(rule, parsed.meta) for rule in parsed.expectations),
        masking=Masking.from_columns(parsed.meta.columns, parsed.meta.format, parsed.meta.extra_columns.are_ignored),
        suite=suite,
    )


def with_shared_masking(input_contract: Contract, output_contract: Contract) -> tuple[Contract, Contract]:
    """Return a dataset's contracts with what is personal in either, and the input with the columns that files may lack.

    Of a load of changes a file may lack the operation: a first copy of the source, whose rows are all inserts.
    """
    load = output_contract.loading
    optional = {load.operation: load.insert[0]} if load.kind is LoadKind.CHANGES and load.insert else {}
    columns = (*input_contract.columns, *output_contract.columns)
    masking = Masking.from_columns(columns, input_contract.format, input_contract.extra_columns.are_ignored)
    input_contract = replace(input_contract, masking=masking, optional_columns=optional)
    return input_contract, replace(output_contract, masking=masking)


def with_copy_markers(input_contract: Contract, output_contract: Contract) -> Contract:
    """Return the input with the arrivals that runs go by: of folders that are copies of a snapshot, with their markers."""
    arrivals = with_success_marker(input_contract.arrivals, output_contract.loading)
    return replace(input_contract, arrivals=arrivals)


def contract_versions(input_contract: Contract, output_contract: Contract) -> str:
    """Return the versions of a dataset's contracts as a snapshot's summary keeps them."""
    return f"input {input_contract.version}, output {output_contract.version}"


def _rule_of(parsed: SuiteRule, meta: AnyMeta) -> Rule:
    counterexample = parsed.meta.counterexample or None
    rule = Rule(parsed.meta.rule, parsed.type, parsed.kwargs, parsed.severity, parsed.meta.why, counterexample)
    return replace(
        rule,
        references=tuple(reference for reference in meta.references if reference.name in rule.columns),
        history={name: meta.history[name] for name in rule.parameters.values() if name in meta.history},
    )


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        names = [name for name, _ in pairs]
        duplicates = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"the key {', '.join(map(repr, duplicates))} stands twice in one object; keep one of them")
    return entries


def _reject_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
