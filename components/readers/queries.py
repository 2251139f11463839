"""The SQL that a stack carries: files below `components/readers/sql`, each with a comment that says what it answers."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from components.settings.stack_settings import Dataset

SQL_FOLDER = Path(__file__).parent / "sql"
HEADER = re.compile(r"(?P<told>(?:-- .*\n)+)-- of: (?P<of>.+)\n")
EACH_DATASET, EACH_OF_FILES = "each dataset", "each dataset of files"


@dataclass(frozen=True)
class Query:
    """A query of a file `stem`.sql; `told` says what it answers, `dataset` is "" where it is about no single one."""

    stem: str
    description: str
    sql: str
    dataset: str = ""

    @property
    def name(self) -> str:
        """What it is called in its workgroup."""
        return f"{self.dataset}-{self.stem}" if self.dataset else self.stem


def athena_queries(datasets: tuple[Dataset, ...]) -> list[Query]:
    """Return the queries that a stack's datasets answer: one that needs a dataset which the stack lacks is left out.

    Raises ValueError where a file does not say what it answers and of what.
    """
    return [query for path in sorted((SQL_FOLDER / "athena").glob("*.sql")) for query in _read_queries(path, datasets)]


def redshift_statement(name: str) -> str:
    """Return the text of `components/readers/sql/redshift/<name>.sql`."""
    return (SQL_FOLDER / "redshift" / f"{name}.sql").read_text(encoding="utf-8")


def _read_queries(path: Path, datasets: tuple[Dataset, ...]) -> list[Query]:
    text = path.read_text(encoding="utf-8")
    header = HEADER.match(text)
    if header is None:
        raise ValueError(
            f"{path} begins with no comment that ends in `-- of: <datasets>`, `{EACH_DATASET}` or `{EACH_OF_FILES}`"
        )
    description = " ".join(line.removeprefix("-- ") for line in header["told"].splitlines())
    if header["of"] in (EACH_DATASET, EACH_OF_FILES):
        matching = [dataset for dataset in datasets if header["of"] == EACH_DATASET or not dataset.terms.sources]
        return [
            Query(path.stem, _fill_in(description, dataset), _fill_in(text, dataset), dataset.name)
            for dataset in matching
        ]
    deployed = {dataset.name for dataset in datasets}
    return [Query(path.stem, description, text)] if deployed.issuperset(header["of"].split(", ")) else []


def _fill_in(text: str, dataset: Dataset) -> str:
    key = ", ".join(json.loads(dataset.terms.output)["meta"]["key"])
    return text.format(dataset=dataset.name, key=key, hours=dataset.terms.freshness_hours)
