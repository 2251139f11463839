"""Which objects Spark cannot have read, named where reading failed."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from etl.errors import SluiceError
from etl.sources.preflight import FilePreflight


class DiagnosedSource(Protocol):
    """What rows are read from."""

    def diagnose_read_failure(self, preflights: list[FilePreflight], /) -> None:
        """Raise what names the objects that cannot be read."""
        ...


@contextmanager
def diagnosing_reads(source: DiagnosedSource, preflights: list[FilePreflight]) -> Generator[None]:
    """Where reading fails, name the objects that it must have failed for."""
    try:
        yield
    except SluiceError:
        raise
    except Exception:
        source.diagnose_read_failure(preflights)
        raise
