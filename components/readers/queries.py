"""The SQL that a stack carries: what is asked of every dataset, and a user's own queries beside the contracts.

Each file begins with a comment that says what it answers. Files in `components/readers/sql/athena` are templates over the
stack's datasets; files in `expectations/<dataset>/queries` are a user's and are deployed as they are.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from components.prices import USD_PER_DPU_HOUR
from components.settings.lake_folder import expectations_folder
from components.settings.stack_settings import Dataset
from etl.contract.faults import did_you_mean_ending

SQL_FOLDER = Path(__file__).parent / "sql"
HEADER = re.compile(r"(?P<description>(?:-- (?!of: ).*\n)+)(?:-- of: (?P<of>.+)\n)?")
EACH_DATASET, EACH_OF_FILES, THE_LAKE = "each dataset", "each dataset of files", "the lake"


@dataclass(frozen=True)
class Query:
    """A query of a file `stem`.sql; `description` says what it answers.

    `dataset` is the one that a template is about, "" for a user's own query and for one about the lake.
    """

    stem: str
    description: str
    sql: str
    dataset: str = ""

    @property
    def name(self) -> str:
        """What it is called in its workgroup."""
        return f"{self.dataset}-{self.stem}" if self.dataset else self.stem

    @property
    def resource_name(self) -> str:
        """What the program calls it, unique among the queries of a stack."""
        return f"{self.dataset or 'lake'}-{self.stem}"


def athena_queries(datasets: tuple[Dataset, ...]) -> list[Query]:
    """Return the queries that a stack's datasets answer, by file name.

    One that reads a dataset which the stack lacks is left out.

    Raises:
        ValueError: a file does not say what it answers, or of what; or two queries have one name.
    """
    files = sorted((SQL_FOLDER / "athena").glob("*.sql"))
    queries = [query for path in files for query in _fill_template(path, datasets)]
    queries += _own_queries(datasets)
    _refuse_equal_names(queries)
    return sorted(queries, key=lambda query: query.stem)


def _fill_template(path: Path, datasets: tuple[Dataset, ...]) -> Iterator[Query]:
    text = path.read_text(encoding="utf-8")
    header = HEADER.match(text)
    if header is None or header["of"] not in (EACH_DATASET, EACH_OF_FILES, THE_LAKE):
        expected = f"`-- of: {EACH_DATASET}`, `{EACH_OF_FILES}` or `{THE_LAKE}`"
        raise ValueError(f"{path} begins with no comment that ends in {expected}")
    description = _description(header)
    if header["of"] == THE_LAKE:
        if datasets:  # else there are no tables either
            prices = {"usd_per_dpu_hour": USD_PER_DPU_HOUR}
            yield Query(path.stem, description.format(**prices), text.format(**prices))
        return
    for dataset in datasets:
        if header["of"] == EACH_DATASET or not dataset.terms.sources:
            if "{key}" in text and not _key_of(dataset):
                continue  # rows without a key cannot be told from those of yesterday
            yield Query(path.stem, _fill_in(description, dataset), _fill_in(text, dataset), dataset.name)


def _own_queries(datasets: tuple[Dataset, ...]) -> Iterator[Query]:
    deployed = {dataset.name for dataset in datasets}
    for dataset in datasets:
        for path in sorted((expectations_folder() / dataset.name / "queries").glob("*.sql")):
            text = path.read_text(encoding="utf-8")
            header = HEADER.match(text)
            if header is None:
                raise ValueError(f"{path} begins with no comment that says what it answers: write one, as `-- ...`")
            if deployed.issuperset(_datasets_read(path, header)):
                yield Query(path.stem, _description(header), text)


def _datasets_read(path: Path, header: re.Match[str]) -> list[str]:
    """Return the datasets that the line `-- of:` of a user's query names; none where there is no such line."""
    names = header["of"].split(", ") if header["of"] else []
    datasets = [file.parent.name for file in expectations_folder().glob("*/output.json")]
    for name in names:
        if name not in datasets:
            raise ValueError(
                f"{path} says `-- of: {header['of']}`, and there is no expectations/{name}: name the datasets that it "
                f"reads, separated by a comma and a space{did_you_mean_ending(name, datasets)}"
            )
    return names


def _description(header: re.Match[str]) -> str:
    return " ".join(line.removeprefix("-- ") for line in header["description"].splitlines())


def _refuse_equal_names(queries: list[Query]) -> None:
    for names in ([query.name for query in queries], [query.resource_name for query in queries]):
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{names.count(name)} saved queries are called {name}: give one's file another name")


def _key_of(dataset: Dataset) -> list[str]:
    return json.loads(dataset.terms.output)["meta"]["key"]


def _fill_in(text: str, dataset: Dataset) -> str:
    return text.format(dataset=dataset.name, key=", ".join(_key_of(dataset)), hours=dataset.terms.freshness_hours)
