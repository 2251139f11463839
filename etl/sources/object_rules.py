"""Rules about whole raw objects: each is broken by the objects whose preflight showed its fault."""

from collections.abc import Iterable
from dataclasses import replace

from etl.contract.sample_values import format_samples
from etl.contract.structure_rules import OBJECT_RULES, StructureRule
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.results.structure_rules import structure_result
from etl.sources.preflight import FilePreflight

MAX_DETAIL_LENGTH = 500
"""Characters of what is wrong with an object, and what to write in its contract."""


def judge_objects(
    dataset: str, preflights: Iterable[FilePreflight], *, refuses_copies: bool = False
) -> list[RuleResult]:
    """Return the rules about whole objects, broken by those whose first look showed a fault.

    `refuses_copies` says whether that of copies is one of them. That of manifests is judged by these.
    """
    others = {StructureRule.MANIFEST, *(() if refuses_copies else (StructureRule.COPY,))}
    details: dict[StructureRule, list[FilePreflight]] = {rule: [] for rule in OBJECT_RULES if rule not in others}
    objects = [*preflights]
    for preflight in objects:
        if preflight.fault:
            details[preflight.fault].append(preflight)
    return [_object_result(dataset, rule, faulty).judging(len(objects)) for rule, faulty in details.items()]


def _object_result(dataset: str, rule: StructureRule, faulty: list[FilePreflight]) -> RuleResult:
    """Return a rule's result; each fault is of another object, so that samples and places stand side by side."""
    places = tuple(Origin(preflight.object.key, preflight.object.version, preflight.row) for preflight in faulty)
    samples = format_samples([preflight.detail for preflight in faulty], longest=MAX_DETAIL_LENGTH)
    return replace(structure_result(dataset, rule, len(faulty), samples), places=places)
