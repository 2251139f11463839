"""What exists beyond the stand-in provider, in one file: one resource of a name, as on AWS."""

import json
import threading
from pathlib import Path
from typing import Any

from sluice.program.engine.wire import without_secrets
from sluice.program.property_types import NAME_PATTERNS

UNIQUE_WITHIN = {"aws:iam/rolePolicy:RolePolicy": "role"}
"""Types whose names are apart only within what this input says."""
Inputs = dict[str, Any]


class NameTaken(ValueError):
    """Another resource of this type has the name already."""


class Cloud:
    """Resources by type and id; `file` keeps them from one call of the engine to the next."""

    def __init__(self, file: Path) -> None:
        self.file, self.lock = file, threading.Lock()
        self.resources: dict[str, Inputs] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def create(self, kind: str, name: str, inputs: Inputs) -> str:
        """Return the id of a resource whose logical name is `name`; no other has it, as long as both are there.

        Raises:
            NameTaken: another of this type has the name that AWS wants to be its own.
        """
        with self.lock:
            unique = unique_name(kind, inputs)
            same_type = (other_inputs for key, other_inputs in self.resources.items() if key.startswith(f"{kind} "))
            if unique and any(unique_name(kind, other_inputs) == unique for other_inputs in same_type):
                raise NameTaken(f"{kind} {' '.join(unique)} exists already")
            identity, count = f"{name}-id", 1
            while f"{kind} {identity}" in self.resources:
                count += 1
                identity = f"{name}-id-{count}"
            self._store_inputs(kind, identity, inputs)
            return identity

    def update(self, kind: str, identity: str, inputs: Inputs) -> None:
        """Put inputs in place of a resource's."""
        with self.lock:
            self._store_inputs(kind, identity, inputs)

    def delete(self, kind: str, identity: str) -> None:
        """Remove a resource, if it is there."""
        with self.lock:
            self.resources.pop(f"{kind} {identity}", None)
            self._write_file()

    def find(self, kind: str, identity: str) -> Inputs | None:
        """Return the inputs that a resource has now; None where it is gone."""
        return self.resources.get(f"{kind} {identity}")

    def _store_inputs(self, kind: str, identity: str, inputs: Inputs) -> None:
        self.resources[f"{kind} {identity}"] = without_secrets(inputs)
        self._write_file()

    def _write_file(self) -> None:
        unfinished = self.file.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(self.resources), encoding="utf-8")
        unfinished.replace(self.file)


def unique_name(kind: str, inputs: Inputs) -> tuple[str, ...]:
    """Return what no other resource of the type may be called; empty where the type has no name."""
    values = without_secrets(inputs)
    if kind not in NAME_PATTERNS or not values.get(NAME_PATTERNS[kind][0]):
        return ()
    return tuple(str(values.get(key)) for key in (UNIQUE_WITHIN.get(kind), NAME_PATTERNS[kind][0]) if key)
