"""What runs said of rows: verdicts and results without samples, messages without words; pages and answers go as a whole.

None of it is searched for a value: a sample may be shortened, masked in part or written in another form.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from etl.contract.json_values import is_list, is_object
from etl.forget import places
from etl.forget.arguments import ForgetArguments
from etl.forget.report import ForgetReport
from etl.forget.versions import delete_current
from etl.results.verdict import RunState
from etl.storage.many_objects import list_keys, map_objects

FORGOTTEN = "forgotten"
EVIDENCE = ("samples", "places", "also")
NAMES = frozenset(
    (
        "version",
        "send",
        "kind",
        "severity",
        "dataset",
        "run",
        "run_id",
        "run_date",
        "state",
        "owner",
        "stack",
        "told_by",
    )
)
"""The fields of a message whose text is no row's."""
Change = Callable[[Any], Any]


@dataclass(frozen=True)
class Records:
    """What runs of a dataset said; `report` gets what was rewritten, by place."""

    s3: Any
    arguments: ForgetArguments
    report: ForgetReport

    def forget_rows(self) -> None:
        """Rewrite or delete what may quote a row."""
        arguments, bucket = self.arguments, self.arguments.assets.bucket
        self._count("verdicts", self._rewrite(arguments.verdicts.bucket, arguments.verdicts.prefix, _verdict_without))
        for folder in places.results_of(arguments):
            self._count("results", self._rewrite(bucket, folder, _without_evidence))
        for folder in places.messages_of(arguments):
            self._count("messages", self._rewrite(bucket, folder, _without_words))
        self._count("pages", delete_current(self.s3, bucket, places.pages_of(arguments)))
        self._count("temporary files", delete_current(self.s3, bucket, places.temporary_of(arguments)))
        for answers in arguments.answers:
            self.report.answers_deleted += delete_current(self.s3, answers.bucket, answers.prefix)

    def _count(self, place: str, count: int) -> None:
        self.report.records_rewritten[place] = self.report.records_rewritten.get(place, 0) + count

    def _rewrite(self, bucket: str, prefix: str, change: Change) -> int:
        """Change every JSON object below a prefix, line by line where it has lines; return how many changed."""
        keys = [key for key in list_keys(self.s3, bucket, prefix) if key.endswith((".json", ".jsonl"))]
        return sum(map_objects(lambda key: self._rewrite_object(bucket, key, change), keys))

    def _rewrite_object(self, bucket: str, key: str, change: Change) -> bool:
        stored = self.s3.get_object(Bucket=bucket, Key=key)
        body: bytes = stored["Body"].read()
        try:
            texts = body.decode().splitlines() if key.endswith(".jsonl") else [body.decode()]
            contents = [json.loads(text) for text in texts if text.strip()]
        except (ValueError, RecursionError):
            self.s3.delete_object(Bucket=bucket, Key=key)  # it cannot be read, so it cannot be said what it quotes
            return True
        changed = [change(content) for content in contents]
        if changed == contents:
            return False
        new_body = "\n".join(json.dumps(content, ensure_ascii=False) for content in changed)
        new_body += "\n" if key.endswith(".jsonl") else ""
        self.s3.put_object(
            Bucket=bucket, Key=key, Body=new_body.encode(errors="replace"), ContentType=stored["ContentType"]
        )
        return True


def _verdict_without(content: Any) -> Any:
    """Return a verdict without samples, and without its message where that may quote one; its pages are gone."""
    changed = _without_evidence(content)
    if not is_object(changed) or "rules" not in changed:
        return changed
    if changed["rules"] != content["rules"] or content.get("state") == RunState.FAILED:
        changed["message"] = f"{content['dataset']}: what the run said of rows was forgotten"
    return changed | ({"data_docs": None} if "data_docs" in changed else {})


def _without_evidence(content: Any) -> Any:
    """Return JSON without samples, their places, and values that were observed."""
    if is_list(content):
        return [_without_evidence(each) for each in content]
    if not is_object(content):
        return content
    changed = {name: _without_evidence(value) for name, value in content.items()}
    if "rule" in changed:
        changed |= {name: [] for name in EVIDENCE if name in changed}
        changed |= {"observed": None} if "observed" in changed else {}
    return changed


def _without_words(content: Any, name: str = "") -> Any:
    """Return a message with its structure, and without any text that is no name of a run."""
    if is_list(content):
        return [_without_words(each, name) for each in content]
    if is_object(content):
        return {key: _without_words(value, key) for key, value in content.items()}
    return FORGOTTEN if isinstance(content, str) and content and name not in NAMES else content
