"""Several files written as one change: all of them, or none."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ENDING = ".sluice-new"
"""What a file is called beside its place until all of them are written."""


def write_together(texts: Mapping[Path, str]) -> None:
    """Write each text into its file; where one fails, or Ctrl-C comes, every file is as it was before.

    Line ends are written as the texts have them.

    Raises:
        OSError: a file cannot be written.
    """
    former = {path: path.read_bytes() if path.exists() else None for path in texts}
    made_folders: list[Path] = []
    try:
        for path, text in texts.items():
            _make_folder(path.parent, made_folders)
            _beside(path).write_bytes(text.encode("utf-8"))
            if path.exists():
                shutil.copymode(path, _beside(path))
        for path in texts:
            os.replace(_beside(path), path)
    except BaseException:
        _restore(former, made_folders)
        raise


def _make_folder(folder: Path, made_folders: list[Path]) -> None:
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    for parent in reversed(missing):
        made_folders.append(parent)
        parent.mkdir()


def _restore(former: Mapping[Path, bytes | None], made_folders: list[Path]) -> None:
    for path, content in former.items():
        _beside(path).unlink(missing_ok=True)
        if content is None:
            path.unlink(missing_ok=True)
        elif path.read_bytes() != content:
            path.write_bytes(content)
    for folder in reversed(made_folders):
        with suppress(OSError):
            folder.rmdir()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}{ENDING}")
