"""What a transform says it adds is what it adds to a real frame."""

from pathlib import Path
from typing import Any

import pytest

from etl.contract.loading import parse_contract
from etl.datasets import transform_of
from sluice.contracts.lint.transform_module import declared_adds
from tests.lake import LAKE

DATASETS = sorted(path.parent.name for path in (LAKE / "expectations").glob("*/output.json"))


def load_contract(dataset: str, stage: str) -> Any:
    path = Path(LAKE, "expectations", dataset, f"{stage}.json")
    return parse_contract(path.read_text(), str(path))


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_transform_adds_what_it_says_with_the_types_that_are_published(spark: Any, dataset: str) -> None:
    input_contract, published = load_contract(dataset, "input"), load_contract(dataset, "output")
    types = {column.name: column.type for column in published.columns}
    shared = [name for name in input_contract.names if name in types]
    rows = spark.createDataFrame([], ", ".join(f"`{name}` {types[name]}" for name in shared))
    transformed = transform_of(dataset)(rows)
    assert transformed.columns == [*shared, *declared_adds(LAKE / f"etl/datasets/{dataset}.py")]
    assert dict(transformed.dtypes) == types
