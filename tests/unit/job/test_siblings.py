"""Where a dataset's state lies: siblings, so that nobody's housekeeping of the table reaches it."""

from itertools import permutations

import pytest

from etl.contract.layout import DatasetLocations


def test_table_quarantine_and_ledgers_are_siblings() -> None:
    places = DatasetLocations.from_location("s3://processed/parquet/trades")
    assert (places.published, places.quarantine, places.ledgers) == (
        "s3://processed/parquet/trades",
        "s3://processed/quarantine/trades",
        "s3://processed/ledger/trades",
    )
    assert (places.former_quarantine, places.former_ledgers) == (
        "s3://processed/parquet/trades/quarantine",
        "s3://processed/parquet/trades/ledger",
    )


@pytest.mark.parametrize("name", ["trades", "ledger", "quarantine", "parquet"])
def test_no_place_lies_below_another_whatever_datasets_are_called(name: str) -> None:
    every = [
        place
        for dataset in {name, f"{name}_daily", "trades"}
        for places in [DatasetLocations("s3://processed/", dataset)]
        for place in (places.published, places.quarantine, places.ledgers)
    ]
    assert len(every) == len(set(every)) >= 6
    assert not [pair for pair in permutations(every, 2) if pair[0].startswith(f"{pair[1]}/")]


@pytest.mark.parametrize("dataset", ["trades", "ledger", "parquet"])
def test_a_folder_of_ledgers_tells_whose_it_is_at_either_place(dataset: str) -> None:
    places = DatasetLocations("s3://processed/", dataset)
    assert DatasetLocations.from_ledger_folder(places.ledgers) == places
    assert DatasetLocations.from_ledger_folder(places.former_ledgers) == places
    assert DatasetLocations.from_ledger_folder("s3://lake/elsewhere") is None


@pytest.mark.parametrize(
    "location", ["s3://processed/trades", "s3://processed/parquet/", "s3://processed/parquet/a/b", "parquet/trades"]
)
def test_what_is_no_tables_location_is_refused(location: str) -> None:
    with pytest.raises(ValueError, match="write s3://bucket/parquet/dataset"):
        DatasetLocations.from_location(location)
