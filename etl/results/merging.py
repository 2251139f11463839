"""How the verdicts on parts of a run become the run's: each field of a result carries its merge rule beside its type.

A field is declared `Annotated[TYPE, RULE]`. One without a rule is refused, so that none is forgotten in a merged verdict.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache, reduce
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Model = TypeVar("Model", bound="DataclassInstance")


@dataclass(frozen=True)
class MergeRule:
    """What becomes of a field where a run is judged in parts.

    Attributes:
        begin: returns what a part starts with, from the run's value.
        merge: returns the value for two models, from both of them and the field's name.
    """

    begin: Callable[[Any], Any]
    merge: Callable[[Any, Any, str], Any]


def merge_values(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any, str], Any]:
    """Return the `merge` of a rule for which the field's two values suffice."""
    return lambda first, second, name: function(getattr(first, name), getattr(second, name))


def keep_value(value: Any) -> Any:
    """Return the run's value: a part starts with it."""
    return value


def empty_value(value: Any) -> Any:
    """Return 0, or an empty list: a part starts with nothing."""
    return type(value)()


def _union(first: Iterable[Any], second: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys((*first, *second)))


OF_RUN = MergeRule(keep_value, merge_values(lambda first, _: first))
"""It is the run's, and the same for each part."""
SHARED = MergeRule(keep_value, merge_values(lambda first, _: first))
"""All parts write into the run's own list: what they did to the lake counts, even where their verdict does not."""
OF_WHOLE = MergeRule(empty_value, lambda first, _second, name: type(getattr(first, name))())
"""It tells of all that the run read together, and nothing of parts."""
SUM = MergeRule(empty_value, merge_values(lambda first, second: first + second))
LARGEST = MergeRule(keep_value, merge_values(max))
UNION = MergeRule(empty_value, merge_values(_union))


@cache
def merge_rules(model: type[Any]) -> Mapping[str, MergeRule]:
    """Return the rule of each field of a dataclass.

    Raises:
        TypeError: a field has none.
    """
    annotations = get_type_hints(model, include_extras=True)
    return {field.name: _merge_rule(model, field.name, annotations[field.name]) for field in fields(model)}


def _merge_rule(model: type[Any], name: str, annotation: Any) -> MergeRule:
    for metadata in getattr(annotation, "__metadata__", ()):
        if isinstance(metadata, MergeRule):
            return metadata
    raise TypeError(
        f"{model.__name__}.{name} has no merge rule: declare it as Annotated[TYPE, RULE] with a rule of etl/results/merging.py"
    )


def begin_part(run: Model) -> Model:
    """Return what a part of a run starts with."""
    return replace(run, **{name: rule.begin(getattr(run, name)) for name, rule in merge_rules(type(run)).items()})


def merge_two(first: Model, second: Model) -> Model:
    """Return two results as one, field by field; what no rule merges is the first's."""
    return replace(first, **{name: rule.merge(first, second, name) for name, rule in merge_rules(type(first)).items()})


def merge_parts(start: Model, parts: Iterable[Model]) -> Model:
    """Return the parts as one, from what they `start` with."""
    return reduce(merge_two, parts, start)
