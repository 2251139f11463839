"""An account whose raw bucket can be listed page by page, as S3 lists it: by key, so many after another."""

from dataclasses import dataclass, field
from typing import Any

from tests.program.machine_runs import FakeAccount

LIST = "aws-sdk:s3:listObjectsV2"


@dataclass
class RawAccount(FakeAccount):
    """`raw` has when each object was put, by key; empty objects are those that `empty` names."""

    raw: dict[str, str] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)
    pages: list[dict[str, Any]] = field(default_factory=list)

    def call(self, resource: str, arguments: dict[str, Any]) -> Any:
        """Answer a listing, or what any account answers."""
        if not resource.endswith(LIST) or LIST in self.refused or LIST in self.answers:
            return super().call(resource, arguments)
        self.pages.append(arguments)
        keys = sorted(key for key in self.raw if key.startswith(arguments["Prefix"]) and key > arguments["StartAfter"])
        page = keys[: arguments["MaxKeys"]]
        contents = [
            {"Key": key, "LastModified": self.raw[key], "Size": int(key not in self.empty), "ETag": '"x"'}
            for key in page
        ]
        return {"IsTruncated": len(keys) > len(page), **({"Contents": contents} if contents else {})}
