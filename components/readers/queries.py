"""The SQL that a stack carries: files below `components/readers/sql`, each with a comment that says what it answers."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from components.settings.stack_settings import Dataset

HERE = Path(__file__).parent / "sql"
HEADER = re.compile(r"(?P<told>(?:-- .*\n)+)-- of: (?P<of>.+)\n")
EACH, EACH_OF_FILES = "each dataset", "each dataset of files"


@dataclass(frozen=True)
class Query:
    """A query of a file `stem`.sql; `told` says what it answers, `dataset` is "" where it is about no single one."""

    stem: str
    told: str
    sql: str
    dataset: str = ""

    @property
    def name(self) -> str:
        """What it is called in its workgroup."""
        return f"{self.dataset}-{self.stem}" if self.dataset else self.stem


def athena(datasets: tuple[Dataset, ...]) -> list[Query]:
    """Return the queries that a stack's datasets answer: one that needs a dataset which the stack lacks is left out.

    Raises ValueError where a file does not say what it answers and of what.
    """
    return [query for path in sorted((HERE / "athena").glob("*.sql")) for query in _of(path, datasets)]


def redshift(name: str) -> str:
    """Return the text of `components/readers/sql/redshift/<name>.sql`."""
    return (HERE / "redshift" / f"{name}.sql").read_text(encoding="utf-8")


def _of(path: Path, datasets: tuple[Dataset, ...]) -> list[Query]:
    text = path.read_text(encoding="utf-8")
    header = HEADER.match(text)
    if header is None:
        raise ValueError(
            f"{path} begins with no comment that ends in `-- of: <datasets>`, `{EACH}` or `{EACH_OF_FILES}`"
        )
    told = " ".join(line.removeprefix("-- ") for line in header["told"].splitlines())
    if header["of"] in (EACH, EACH_OF_FILES):
        asked = [one for one in datasets if header["of"] == EACH or not one.terms.sources]
        return [Query(path.stem, _filled(told, one), _filled(text, one), one.name) for one in asked]
    deployed = {one.name for one in datasets}
    return [Query(path.stem, told, text)] if deployed.issuperset(header["of"].split(", ")) else []


def _filled(text: str, dataset: Dataset) -> str:
    key = ", ".join(json.loads(dataset.terms.output)["meta"]["key"])
    return text.format(dataset=dataset.name, key=key, hours=dataset.terms.freshness_hours)
