from collections.abc import Sequence
from typing import Any

from pyarrow import Array

def __getattr__(name: str) -> Any: ...

class StringBuilder:
    def append_values(self, values: Sequence[str | None]) -> None: ...
    def finish(self) -> Array: ...
