"""A skip that a run adds: beside those of operators, who may write at the same time."""

import pytest
from botocore.exceptions import ClientError

from etl.ledger import skip_list
from etl.ledger.skip_list import Skip, SkipFile, SkipList

MINE, THEIRS = (Skip(f"trades/{name}.csv", "1", "why", "ada", "now") for name in "ab")
CONFLICT = ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")


@pytest.mark.parametrize(("conflicts", "is_written"), [(0, True), (4, True), (5, False)])
def test_what_an_operator_writes_meanwhile_stays(
    monkeypatch: pytest.MonkeyPatch, conflicts: int, is_written: bool
) -> None:
    files, faults = [SkipFile((), "0")], [CONFLICT] * conflicts

    def write(_s3: object, _location: str, skipped: list[Skip], etag: str) -> None:
        if faults:
            files.append(SkipFile((THEIRS,), str(len(files))))
            raise faults.pop()
        assert etag == files[-1].etag
        files.append(SkipFile(tuple(skipped), "written"))

    monkeypatch.setattr(skip_list, "read_skip_list", lambda *_: SkipList(files[-1]))
    monkeypatch.setattr(skip_list, "write_skip_list", write)
    if not is_written:
        with pytest.raises(ClientError):
            skip_list.add_skips(None, "s3://bucket/parquet/trades", [MINE])
        return
    skip_list.add_skips(None, "s3://bucket/parquet/trades", [MINE])
    assert files[-1].skipped == ((THEIRS, MINE) if conflicts else (MINE,))
