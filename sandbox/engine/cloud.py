"""What exists beyond the stand-in provider, in one file: one resource of a name, as on AWS."""

import json
import threading
from pathlib import Path
from typing import Any

from sandbox.declared import NAMES
from sandbox.engine.wire import bare


class NameTaken(ValueError):
    """Another resource of this type has the name already."""


class Cloud:
    """Resources by type and id; `file` keeps them from one call of the engine to the next."""

    def __init__(self, file: Path) -> None:
        self.file, self.lock = file, threading.Lock()
        self.resources: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}

    def create(self, kind: str, identity: str, inputs: dict[str, Any]) -> None:
        """Raises NameTaken where another of this type has the name that AWS wants to be its own."""
        with self.lock:
            name = named(kind, inputs)
            for key, other in self.resources.items():
                if name and key.startswith(f"{kind} ") and named(kind, other) == name:
                    raise NameTaken(f"{kind} {name} exists already")
            self.resources[f"{kind} {identity}"] = bare(inputs)
            self._save()

    def update(self, kind: str, identity: str, inputs: dict[str, Any]) -> None:
        with self.lock:
            self.resources[f"{kind} {identity}"] = bare(inputs)
            self._save()

    def delete(self, kind: str, identity: str) -> None:
        with self.lock:
            self.resources.pop(f"{kind} {identity}", None)
            self._save()

    def exists(self, kind: str, identity: str) -> bool:
        return f"{kind} {identity}" in self.resources

    def _save(self) -> None:
        unfinished = self.file.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(self.resources))
        unfinished.replace(self.file)


def named(kind: str, inputs: dict[str, Any]) -> str:
    """Return what no other resource of the type may be called; empty where the type has no name."""
    return str(bare(inputs).get(NAMES[kind][0], "")) if kind in NAMES else ""
