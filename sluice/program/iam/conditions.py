"""Whether a request's context satisfies a statement's `Condition`.

Source: AWS IAM user guide, IAM JSON policy elements: Condition operators, and Set operators for multivalued context keys.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sluice.program.iam.patterns import matches_pattern

Value = str | Sequence[str]
"""What a request carries under a key: one text, or several where the key is multivalued."""


class UnsupportedPolicy(ValueError):
    """A document says something that this evaluator does not know; it never guesses."""


def arn_like(pattern: str, value: str) -> bool:
    """Compare each of the six parts between colons by itself; `ArnEquals` is the same."""
    pattern_parts, parts = pattern.split(":", 5), value.split(":", 5)
    return len(pattern_parts) == len(parts) and all(map(matches_pattern, pattern_parts, parts))


def same_truth(expected: str, value: str) -> bool:
    """Return whether two texts are the same truth value, in whatever case."""
    return expected.lower() == value.lower()


POSITIVE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringLike": matches_pattern,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": same_truth,
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
FOR_ALL, FOR_ANY, IF_EXISTS = "ForAllValues:", "ForAnyValue:", "IfExists"


def is_satisfied(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, Value]) -> bool:
    """Whether all keys of all operators match; names of keys are compared without case.

    Raises:
        Unjudged: an operator is not known, or is used on values that AWS leaves undefined.
    """
    lowered = {key.lower(): value for key, value in context.items()}
    return all(
        _operator_holds(operator, _as_texts(expected), lowered.get(key.lower()))
        for operator, keys in condition.items()
        for key, expected in keys.items()
    )


def _as_texts(values: Any) -> list[str]:
    """Return the values of a key as texts: JSON has truth values too."""
    return [str(value) for value in values] if isinstance(values, list | tuple) else [str(values)]


def check_supported(condition: Mapping[str, Mapping[str, Any]], location: str) -> None:
    """Raise Unjudged where a condition has an operator, a set operator or a variable that is not known here."""
    for operator, keys in condition.items():
        base = operator.removeprefix(FOR_ALL).removeprefix(FOR_ANY).removesuffix(IF_EXISTS)
        # AWS has neither a set operator nor IfExists on Null
        if operator != "Null" and base not in POSITIVE and base not in NEGATED:
            raise UnsupportedPolicy(f"{location}: the operator {operator} is not known")
        if operator.startswith(FOR_ANY) and base in NEGATED:
            raise UnsupportedPolicy(f"{location}: {operator}, a negated operator for any value, is not known")
        if not keys:
            raise UnsupportedPolicy(f"{location}: {operator} names no key")
        if "${" in str(keys):
            raise UnsupportedPolicy(f"{location}: the variables in {keys} are not known")


def _operator_holds(operator: str, expected: list[str], value: Value | None) -> bool:
    if operator == "Null":
        return all(same_truth(text, str(value is None)) for text in expected)
    if operator.startswith((FOR_ALL, FOR_ANY)):
        kind, _, base = operator.partition(":")
        values = [] if value is None else [value] if isinstance(value, str) else list(value)
        if not values:
            # true for all of none; false for any of none, but for IfExists
            return kind == "ForAllValues" or (value is None and base.endswith(IF_EXISTS))
        results = [_value_matches(base, expected, item) for item in values]
        return all(results) if kind == "ForAllValues" else any(results)
    if value is not None and not isinstance(value, str):
        raise UnsupportedPolicy(
            f"{operator} on several values {list(value)}: AWS defines only ForAllValues and ForAnyValue"
        )
    return _value_matches(operator, expected, value)


def _value_matches(operator: str, expected: list[str], value: str | None) -> bool:
    """One value of the request, or none, against the values of a statement, of which any suffices."""
    base = operator.removesuffix(IF_EXISTS)
    if value is None:
        return operator.endswith(IF_EXISTS) or base in NEGATED
    if base in NEGATED:
        return not any(POSITIVE[NEGATED[base]](text, value) for text in expected)
    return any(POSITIVE[base](text, value) for text in expected)
