"""`prove`: every rule of a dataset is shown to bite, each by a fault that the gate must report by the rule's id."""

import time
from dataclasses import replace
from datetime import date

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.datasets import transform_of
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.frames import Bench
from sluice.contracts.prove.gate_proofs import of_files
from sluice.contracts.prove.lake import Lake
from sluice.contracts.prove.report import Report
from sluice.contracts.prove.table_proofs import of_tables
from sluice.contracts.prove.valid_day import valid_day
from sluice.contracts.prove.valid_values import NoValidDay


def prove(spark: SparkSession, given: Contract, published: Contract, run_date: date) -> Report:
    """Show of both contracts of a dataset that each rule reports a fault, and none a valid day.

    Faults arrive in a file of the declared format, and go through the whole gate of a run: in the lake that the session's
    catalog is in. A dataset that is built from tables has no files, and its rules are shown to bite on frames.
    """
    start = time.monotonic()
    parameters = {"run_date": run_date.isoformat()}
    # On the valid day every reference is known; an unknown one is a fault put in.
    whole = replace(published, columns=(*published.columns, *published.helpers))
    known = {one.name: F.col(one.column) for one in published.references}
    transform = transform_of(given.dataset)
    benches = Bench(spark, given, parameters), Bench(spark, whole, parameters)
    dataset = Dataset(*benches, lambda rows: transform(rows).withColumns(known) if known else transform(rows))
    try:
        day = valid_day(dataset)
        if given.sources:
            proofs = [*of_tables(dataset, day)]
        else:
            proofs = [*of_files(dataset, day, Lake.of(spark, (given, published), transform, run_date))]
    except NoValidDay as error:
        return Report(given.dataset, [], time.monotonic() - start, str(error))
    return Report(given.dataset, proofs, time.monotonic() - start)
