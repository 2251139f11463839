"""What a verdict says of an object that was withdrawn."""

from dataclasses import dataclass

from etl.results.schema_settings import SCHEMA_SETTINGS
from etl.wording import count_noun, join_names

MAX_KEYS_SHOWN = 3  # keys named in a sentence


@dataclass(frozen=True)
class WithdrawnObject:
    """An object whose rows left the published table, and whose version is skipped: why, and who did so."""

    __pydantic_config__ = SCHEMA_SETTINGS

    key: str
    version: str
    why: str
    who: str
    rows: int = 0
    """Published rows of it that left, also those that a replay had brought."""
    rows_quarantined: int = 0
    """Rows of it that had been set aside, and count no longer."""
    restored: tuple[str, ...] = ()
    """Keys of objects that were read again, since its rows had replaced rows of theirs."""
    without: tuple[str, ...] = ()
    """Keys of such objects that could not be read again: these rows stay away."""

    @property
    def in_words(self) -> str:
        """What left, as a part of a sentence."""
        aside = f", and {self.rows_quarantined:,} that were set aside" if self.rows_quarantined else ""
        away = (
            f"; what it had replaced of {join_names(self.without, MAX_KEYS_SHOWN)} stays away" if self.without else ""
        )
        return f"{count_noun(self.rows, 'row')} of {self.key} withdrawn{aside}; it is skipped until `unskip`{away}"
