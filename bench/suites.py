"""The shipped contracts of sales with more or fewer rules, or with a warning in place of a critical rule."""

import json
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

from bench.lake import Suites

Rules = list[dict[str, Any]]
FEWEST = {
    "input": ("sales.input.rows", "sales.transaction_id.present", "sales.customer_id.format", "sales.region.known"),
    "output": (
        "sales.output.rows",
        "sales.transaction_id.kept",
        "sales.quantity.range",
        "sales.total_amount.range",
        "sales.region.published",
        "sales.transaction_id.unique",
    ),
}
SET_ASIDE = "sales.customer_id.format"


def with_rules(suites: Suites, number: int) -> Suites:
    """Return the contracts with `number` rules: the fewest that load (10), all that judge here (28), or further ones.

    Further rules are row rules on the output, in turn a range, a set, a length and a pattern, no two alike.
    """
    told = json.loads(suites.input), json.loads(suites.output)
    own = sum(len(_judging(one)) for one in told)
    for suite in told:
        stage = suite["name"].partition(".")[2]
        rules = _judging(suite)
        suite["expectations"] = (
            rules if number >= own else [one for one in rules if one["meta"]["rule"] in FEWEST[stage]]
        )
        suite["meta"].pop("references", None)
    told[1]["expectations"] += list(islice(_further(), max(number - own, 0)))
    if (made := sum(len(one["expectations"]) for one in told)) != number:
        raise ValueError(f"there are contracts of 10 rules and of {own} or more, not of {number} ({made})")
    return Suites(suites.dataset, *(json.dumps(one) for one in told))


def _judging(suite: dict[str, Any]) -> Rules:
    """Return the rules that do not compare with another dataset."""
    helpers = {one["name"] for one in suite["meta"].get("references", ())}
    return [one for one in suite["expectations"] if not helpers & {str(value) for value in one["kwargs"].values()}]


def _further() -> Iterator[dict[str, Any]]:
    kinds: list[Callable[[int], tuple[str, dict[str, Any]]]] = [
        lambda at: ("values_to_be_between", {"column": "quantity", "min_value": 1, "max_value": 1001 + at}),
        lambda at: ("values_to_not_be_in_set", {"column": "product_id", "value_set": [f"PROD0{at:04}", "PROD"]}),
        lambda at: ("value_lengths_to_be_between", {"column": "customer_id", "min_value": 5, "max_value": 20 + at}),
        lambda at: ("values_to_match_regex", {"column": "transaction_id", "regex": f"^TXN[0-9]{{1,{20 + at}}}$"}),
    ]
    for at in count():
        kind, kwargs = kinds[at % len(kinds)](at)
        meta = {"rule": f"sales.further.r{at}", "why": "One more rule for the benchmark."}
        yield {"type": f"expect_column_{kind}", "kwargs": kwargs, "severity": "critical", "meta": meta}


def lenient(suites: Suites) -> Suites:
    """Return the contracts by which rows with a strange customer are set aside, however many they are."""
    suite = json.loads(suites.input)
    suite["meta"]["max_quarantined"] = 1
    for one in suite["expectations"]:
        if one["meta"]["rule"] == SET_ASIDE:
            one["severity"] = "warning"
    return Suites(suites.dataset, json.dumps(suite), suites.output)
