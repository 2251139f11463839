from pathlib import Path
from typing import IO, Any

from pyarrow import Table

def __getattr__(name: str) -> Any: ...
def read_table(source: Path | str | IO[bytes]) -> Table: ...
def write_table(
    table: Table,
    where: Path | str | IO[bytes],
    row_group_size: int | None = None,
    *,
    compression: str = "snappy",
    use_dictionary: bool = True,
) -> None: ...
