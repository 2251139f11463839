"""Rules about whole raw objects: each is broken by the objects whose preflight showed its fault."""

from collections.abc import Iterable
from dataclasses import replace

from etl.contract.sample_values import shown
from etl.results.row_origin import Origin
from etl.results.structure_rules import structure_result
from etl.results.verdict import RuleResult
from etl.sources.preflight import Look


def of_objects(dataset: str, looks: Iterable[Look]) -> list[RuleResult]:
    """Return the rules about whole objects, broken by those whose first look showed a fault."""
    details: dict[str, list[Look]] = {
        what: [] for what in ("key", "empty", "compression", "encoding", "gzip", "format", "schema", "header", "rows")
    }
    for look in looks:
        if look.fault:
            details[look.fault].append(look)
    return [_of_looks(dataset, what, found) for what, found in details.items()]


def _of_looks(dataset: str, what: str, found: list[Look]) -> RuleResult:
    """Return a rule's result; each fault is of another object, so that samples and places stand side by side."""
    row = 1 if what == "header" else None
    places = tuple(Origin(look.object.key, look.object.version, row) for look in found)
    return replace(structure_result(dataset, what, len(found), shown([look.detail for look in found])), places=places)
