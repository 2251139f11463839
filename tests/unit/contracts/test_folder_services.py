"""A folder answers for S3 as a run asks: a version is a file's own, until the file changes."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from etl.storage.raw_objects import S3Prefix, are_latest, list_latest
from sluice.contracts.check.folder_services import FolderS3


def test_an_object_is_the_latest_until_its_file_changes_or_is_gone(tmp_path: Path) -> None:
    s3, prefix = FolderS3(tmp_path), S3Prefix("raw", "trades/")
    s3.put_object(Bucket="raw", Key="trades/a.csv", Body=b"a,b\n1,2\n")
    listed = list_latest(s3, prefix)
    assert are_latest(s3, prefix, listed)
    s3.put_object(Bucket="raw", Key="trades/a.csv", Body=b"a,b\n1,2\n3,4\n")
    assert not are_latest(s3, prefix, listed)
    (tmp_path / "raw/trades/a.csv").unlink()
    assert not are_latest(s3, prefix, listed)
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket="raw", Key="trades/a.csv")
