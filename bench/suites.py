"""The contracts of orders with more or fewer rules, or with a warning in place of a critical rule."""

import json
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

from bench.lake import Suites
from etl.contract.severity import Severity
from etl.contract.stage import Stage

Rules = list[dict[str, Any]]
FEWEST = {
    Stage.INPUT: (
        "orders.input.rows",
        "orders.transaction_id.present",
        "orders.customer_id.format",
        "orders.region.known",
    ),
    Stage.OUTPUT: (
        "orders.output.rows",
        "orders.transaction_id.kept",
        "orders.quantity.range",
        "orders.total_amount.range",
        "orders.region.published",
        "orders.transaction_id.unique",
    ),
}
SET_ASIDE = "orders.customer_id.format"
TIGHTENED = "orders.quantity.range"


def with_rules(suites: Suites, number: int) -> Suites:
    """Return the contracts with `number` rules: the fewest that load (10), all that judge here (28), or further ones.

    Further rules are row rules on the output, in turn a range, a set, a length and a pattern, no two alike.
    """
    documents = json.loads(suites.input), json.loads(suites.output)
    judging_count = sum(len(_judging_rules(document)) for document in documents)
    for suite in documents:
        stage = suite["name"].partition(".")[2]
        rules = _judging_rules(suite)
        suite["expectations"] = (
            rules if number >= judging_count else [rule for rule in rules if rule["meta"]["rule"] in FEWEST[stage]]
        )
        suite["meta"].pop("references", None)
    documents[1]["expectations"] += list(islice(_further_rules(), max(number - judging_count, 0)))
    if (rule_count := sum(len(document["expectations"]) for document in documents)) != number:
        raise ValueError(
            f"there are contracts of 10 rules and of {judging_count} or more, not of {number} ({rule_count})"
        )
    return Suites(suites.dataset, *(json.dumps(document) for document in documents))


def _judging_rules(suite: dict[str, Any]) -> Rules:
    """Return the rules that do not compare with another dataset."""
    helpers = {reference["name"] for reference in suite["meta"].get("references", ())}
    return [rule for rule in suite["expectations"] if not helpers & {str(value) for value in rule["kwargs"].values()}]


def _further_rules() -> Iterator[dict[str, Any]]:
    kinds: list[Callable[[int], tuple[str, dict[str, Any]]]] = [
        lambda number: ("values_to_be_between", {"column": "quantity", "min_value": 1, "max_value": 1001 + number}),
        lambda number: (
            "values_to_not_be_in_set",
            {"column": "product_id", "value_set": [f"PROD0{number:04}", "PROD"]},
        ),
        lambda number: (
            "value_lengths_to_be_between",
            {"column": "customer_id", "min_value": 5, "max_value": 20 + number},
        ),
        lambda number: (
            "values_to_match_regex",
            {"column": "transaction_id", "regex": f"^TXN[0-9]{{1,{20 + number}}}$"},
        ),
    ]
    for number in count():
        kind, kwargs = kinds[number % len(kinds)](number)
        meta = {"rule": f"orders.further.r{number}", "why": "One more rule for the benchmark."}
        yield {"type": f"expect_column_{kind}", "kwargs": kwargs, "severity": Severity.CRITICAL, "meta": meta}


def with_share_of_values(suites: Suites) -> Suites:
    """Return the contracts with one rule more, on the share of unique values of a text column of the output."""
    suite = json.loads(suites.output)
    kwargs = {"column": "customer_id", "min_value": 0.0001, "max_value": 1}
    meta = {"rule": "orders.customer_id.share", "why": "One more rule for the benchmark."}
    kind = "expect_column_proportion_of_unique_values_to_be_between"
    suite["expectations"].append({"type": kind, "kwargs": kwargs, "severity": Severity.CRITICAL, "meta": meta})
    return Suites(suites.dataset, suites.input, json.dumps(suite))


def with_broken_output(suites: Suites) -> Suites:
    """Return the contracts by which a tenth of a clean day's rows break a critical rule of the output."""
    suite = json.loads(suites.output)
    for rule in suite["expectations"]:
        if rule["meta"]["rule"] == TIGHTENED:
            rule["kwargs"]["max_value"] = 8
    return Suites(suites.dataset, suites.input, json.dumps(suite))


def lenient_suites(suites: Suites) -> Suites:
    """Return the contracts by which rows with a strange shopper are set aside, however many they are."""
    suite = json.loads(suites.input)
    suite["meta"]["max_quarantined"] = 1
    for rule in suite["expectations"]:
        if rule["meta"]["rule"] == SET_ASIDE:
            rule["severity"] = Severity.WARNING
    return Suites(suites.dataset, json.dumps(suite), suites.output)
