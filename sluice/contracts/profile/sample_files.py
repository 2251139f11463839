"""Several files of one dataset as one sample: named one by one, by a folder or by a glob."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path

import pyarrow as pa

from etl.contract.dialect import Dialect
from etl.contract.source_format import SourceFormat
from etl.sources.compression import codec_of
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.csv_dialect import dialect_entries
from sluice.contracts.profile.folder_columns import with_folders
from sluice.contracts.profile.sample import Sample, read_sample
from sluice.contracts.profile.sample_format import FORMATS

MAX_NAMES_SHOWN = 5


@dataclass(frozen=True)
class SampleFiles:
    """Which files make a sample.

    Attributes:
        paths: the files, at least one.
        glob: what takes these of a folder and leaves the others there out, "" where it holds no others.
        others: the files of a folder that are no data, for their names' endings.
    """

    paths: tuple[Path, ...]
    glob: str = ""
    others: tuple[Path, ...] = ()


def find_sample_files(arguments: Sequence[Path]) -> SampleFiles:
    """Return the files that arguments name: each a file, a folder, whose files are taken at any depth, or a glob.

    Raises:
        WrongUse: one names no file.
    """
    paths: list[Path] = []
    others: list[Path] = []
    for argument in arguments:
        if argument.is_dir():
            data, rest = _files_of_folder(argument)
            paths, others = [*paths, *data], [*others, *rest]
        elif has_magic(str(argument)) and not argument.exists():
            paths += _files_of_glob(argument)
        else:
            paths.append(argument)
    return SampleFiles(tuple(dict.fromkeys(paths)), _glob_of(paths) if others else "", tuple(others))


def _files_of_glob(pattern: Path) -> list[Path]:
    paths = [path for name in sorted(glob(str(pattern), recursive=True)) if (path := Path(name)).is_file()]
    if not paths:
        raise WrongUse(f"{pattern} names no file; quote a glob, and write ** for folders at any depth")
    return paths


def _files_of_folder(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the files of the ending that most have, and the others; hidden ones are neither, as in the raw bucket."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not _is_hidden(path, folder)]
    if not files:
        raise WrongUse(f"{folder} holds no file; name a folder with the files of a usual day")
    endings = Counter(ending for path in files if (ending := _ending(path)) in FORMATS)
    if not endings:
        return files, []
    usual = endings.most_common(1)[0][0]
    data = [path for path in files if _ending(path) == usual]
    return data, [path for path in files if path not in data]


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)


def _ending(path: Path) -> str:
    """Return the ending of a file's name that tells its format, without that of a codec."""
    return (path.with_suffix("") if codec_of(path.name) else path).suffix.lower()


def _glob_of(paths: Sequence[Path]) -> str:
    endings = sorted({f"{_ending(path)}{Path(path.name).suffix if codec_of(path.name) else ''}" for path in paths})
    named = [ending for ending in endings if ending]
    if len(named) == 1:
        return f"*{named[0]}"
    return f"*{{{','.join(named)}}}" if named else ""


def read_samples(arguments: Sequence[Path]) -> Sample:
    """Read files of the same format and columns; of JSON, a key that a file lacks is null in its rows.

    Raises:
        WrongUse: one cannot be read, or two of them differ.
    """
    files = find_sample_files(arguments)
    samples = [read_sample(path) for path in files.paths]
    first, *others = samples
    for other in others:
        _refuse_difference(first, other)
    samples = with_folders(samples, files.paths, arguments)
    first, *others = samples
    if others:
        table = pa.concat_tables([sample.table for sample in samples], promote_options="default")
        sources = {name: source for sample in samples for name, source in sample.sources.items()}
        doubts = tuple(dict.fromkeys(doubt for sample in samples for doubt in sample.doubts))
        label = f"{first.file} and {len(others)} more"
        first = replace(first, file=label, table=table, sources=sources, doubts=doubts, dialect=_joint_dialect(samples))
    return _with_passed_over(first, files)


def _joint_dialect(samples: Sequence[Sample]) -> Dialect | None:
    dialects = [sample.dialect for sample in samples if sample.dialect]
    return replace(dialects[0], multi_line=any(dialect.multi_line for dialect in dialects)) if dialects else None


def _with_passed_over(sample: Sample, files: SampleFiles) -> Sample:
    """Return the sample with what is said of files beside it that are no data."""
    if not files.others:
        return sample
    names = ", ".join(path.name for path in files.others[:MAX_NAMES_SHOWN])
    doubt = f"{count_noun(len(files.others), 'file')} beside the sample passed over: {names}"
    return replace(sample, doubts=(*sample.doubts, doubt), files=files.glob)


def _refuse_difference(first: Sample, other: Sample) -> None:
    if other.format is not first.format:
        raise WrongUse(
            f"{other.file} is {other.format} and {first.file} is {first.format}; a dataset has one format, so name files of one"
        )
    here, there = first.table.schema, other.table.schema
    if first.format.is_typed and [(field.name, field.type) for field in here] != [
        (field.name, field.type) for field in there
    ]:
        raise WrongUse(f"{other.file} has other columns or types than {first.file}; name files with the same ones")
    if first.format not in (SourceFormat.CSV, SourceFormat.EXCEL):
        return
    if here.names != there.names:
        raise WrongUse(
            f"{other.file} has the columns {', '.join(there.names)}, and {first.file} has {', '.join(here.names)}; name files "
            "with the same ones, in the same order"
        )
    if differences := [*_dialect_differences(first, other)]:
        raise WrongUse(
            f"{other.file} is written otherwise than {first.file}: {', '.join(differences)}; a dataset's files are written in "
            "one way"
        )


def _dialect_differences(first: Sample, other: Sample) -> Iterator[str]:
    here, there = (dialect_entries(sample.dialect) if sample.dialect else {} for sample in (first, other))
    for name in sorted({*here, *there} - {"multi_line"}):
        if here.get(name) != there.get(name):
            yield f"{name} {there.get(name, 'as usual')!r} and {here.get(name, 'as usual')!r}"
