"""Bounds of decimals, held as decimals first.

The library compares with doubles, and Spark turns a decimal into one by way of objects. To turn it keeps the order of values:
so one that is within the bounds as it is stays within them as a double, and only others have to be turned.
"""

from collections.abc import Mapping
from decimal import Decimal
from math import inf, isfinite, nextafter
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DecimalType

DIGITS = 18  # of a decimal that Spark keeps as a long


def surely_within(name: str, type_: DataType, arguments: Mapping[str, Any]) -> Column | None:
    """Return where a column's value is known to be within bounds, `arguments` as the library's `between` takes them.

    None where it is no such decimal, the bounds are no doubles, or no value is known to be within.
    """
    low, high = arguments.get("min_value"), arguments.get("max_value")
    if not isinstance(type_, DecimalType) or type_.precision > DIGITS or not _are_doubles(low, high):
        return None
    step = Decimal(1).scaleb(-type_.scale)
    largest = Decimal(10) ** (type_.precision - type_.scale) - step
    least = -largest if low is None else _least_multiple(low, arguments.get("strict_min"), step, largest)
    greatest = largest if high is None else -_least_multiple(-high, arguments.get("strict_max"), step, largest)
    if least > greatest:
        return None
    return F.col(f"`{name}`").between(*(F.lit(bound).cast(type_) for bound in (least, greatest)))


def _are_doubles(*bounds: Any) -> bool:
    """Say whether one of the bounds is a double, and each other too, or a whole number."""
    numbers = [bound for bound in bounds if bound is not None]
    return any(isinstance(bound, float) for bound in numbers) and all(
        isinstance(bound, int | float) and isfinite(bound) for bound in numbers
    )


def _least_multiple(bound: float, strict: Any, step: Decimal, largest: Decimal) -> Decimal:
    """Return the least multiple of `step` whose double is not below a bound, nor on it where that is strict.

    It is `-most` or more, and more than `largest` where no value of the type is one.
    """
    target = nextafter(bound, inf) if strict else bound
    exact = Decimal(target)
    if not -largest < exact <= largest:
        return -largest if exact < 0 else largest + step
    near = exact.quantize(step)
    return near if float(near) >= target else near + step
