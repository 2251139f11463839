"""What lint says: one thing about one rule or column, with its remedy."""

from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "refused": "strict loading refuses it: no run would start",
    "name": "a name of another dataset, its column or its key that nothing answers to: no run would start",
    "engine": "Java, Spark or the library that will run cannot judge by it, or is brought down by it",
    "draft": "a tool drafted it, and a person has not yet read or completed it",
    "file": "a file that nothing loads, or under another dataset's name",
    "pair": "input, output and transform of a dataset do not fit",
    "query": "its query does more than select rows of {batch}, and the run would refuse it",
    "never-fails": "nothing can break the rule, or one of its bounds",
    "never-holds": "no value can hold the rule",
    "implied": "another rule already demands it",
    "unjudged": "a column that no rule judges",
    "key": "a key that rules leave open",
    "keep": "a keep_days that leaves rows in the table, or keys that are looked for where no row is any more",
    "quarantine": "warnings and max_quarantined do not fit",
    "history": "a bound from earlier runs that counts runs where a run is no day: no stack would be deployed",
    "false-alarm": "a bound from earlier runs that good days break: a warning, which fails no build",
    "due": "what is due and was not there on the last days, or lies elsewhere: a warning, which fails no build",
    "owner": "an owner whom nobody can ask: a warning, which fails no build",
}


@dataclass(frozen=True)
class Finding:
    """One finding: `kind` is a key of `KINDS`, `rule` the id of the rule it is about or None."""

    kind: str
    found: str
    remedy: str
    rule: str | None = None
    column: str | None = None
    file: str = ""
    line: int = 1

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)
