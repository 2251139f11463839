"""What `meta.references` must agree on with the suite that has them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from etl.contract.faults import did_you_mean
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.suite_paths import PlacedFault

PATH = ("meta", "references")


def references_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong between an output's references, its columns and its own name."""
    references = sound.entries("references")
    for index, reference in enumerate(references):
        for key, problem, remedy in _reference_faults(reference, sound):
            yield PlacedFault((*PATH, index, key), problem, remedy)
    names = [reference["name"] for reference in references if "name" in reference]
    for name, times in Counter(names).items():
        if times > 1:
            yield PlacedFault(
                (*PATH, len(references)), f"meta.references names {name!r} {times} times", "give each its own name"
            )


def _reference_faults(reference: dict[str, Any], sound: SoundSuite) -> Iterator[tuple[str, str, str]]:
    name, column = reference.get("name", ""), reference.get("column")
    if name.lower() in {declared.lower() for declared in sound.columns}:
        yield "name", f"reference {name!r} has the name of a declared column", "give it a name of its own"
    if column is not None and column not in sound.columns:
        yield (
            "column",
            f"a reference's column is {column!r}, which is not declared",
            f"{did_you_mean(column, sound.columns)}meta.columns has {', '.join(sound.columns)}",
        )
    if reference.get("dataset") == sound.dataset:
        yield "dataset", f"a reference's dataset is {sound.dataset} itself", "name another dataset"
