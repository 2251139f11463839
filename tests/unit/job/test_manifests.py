"""Manifests as sources send them are read, in each form; what is none is refused with where and what."""

import hashlib
import json

import pytest

from etl.sources.manifest_entries import ManifestBroken, ManifestEntry
from etl.sources.manifest_forms import parse_manifest
from etl.sources.manifest_names import entries_by_key
from etl.storage.raw_objects import S3Prefix

MD5, SHA256 = hashlib.md5(b"a", usedforsecurity=False).hexdigest(), hashlib.sha256(b"a").hexdigest()
SHA1 = hashlib.sha1(b"a", usedforsecurity=False).hexdigest()
MD5_BASE64 = "DMF1ucDxtqgxw5niaXcmYQ=="
Said = tuple[str, int | None, int | None, tuple[tuple[str, str], ...]]
A, B = ("a.csv", 10, 3, (("md5", MD5),)), ("b.csv", None, None, ())

FORMS: dict[str, tuple[str, str, list[Said]]] = {
    "JSON with a list of files": (
        "day.json",
        json.dumps({"files": [{"name": "a.csv", "size": 10, "rows": 3, "md5": MD5}, {"name": "b.csv", "size": None}]}),
        [A, B],
    ),
    "a bare list": ("m.json", json.dumps([{"key": "a.csv", "bytes": "10", "row_count": 3, "checksum": MD5}]), [A]),
    "a list of names": ("m.json", '["a.csv", "b.csv"]', [("a.csv", None, None, ()), B]),
    "one file alone": (
        "m.json",
        json.dumps({"file_name": "a.csv", "Record Count": 3, "fileSize": 10, "MD5sum": MD5}),
        [A],
    ),
    "files by name": ("m.json", json.dumps({"files": {"a.csv": {"size": 10, "rows": 3, "hash": MD5.upper()}}}), [A]),
    "lines of JSON": ("m.jsonl", '{"path": "a.csv"}\n{"path": "b.csv"}\n', [("a.csv", None, None, ()), B]),
    "what Redshift's UNLOAD writes": (
        "manifest",
        json.dumps(
            {
                "entries": [
                    {"url": "s3://raw/a.csv", "mandatory": True, "meta": {"content_length": 10, "record_count": 3}}
                ],
                "meta": {"content_length": 10, "record_count": 3},
            }
        ),
        [("s3://raw/a.csv", 10, 3, ())],
    ),
    "what S3 Inventory writes": (
        "manifest.json",
        json.dumps({"sourceBucket": "x", "files": [{"key": "a.csv", "size": 10, "MD5checksum": MD5}]}),
        [("a.csv", 10, None, (("md5", MD5),))],
    ),
    "a folder's path beside a name": (
        "m.json",
        '[{"path": "2026/01", "name": "a.csv"}]',
        [("2026/01/a.csv", None, None, ())],
    ),
    "a whole path beside a name": ("m.json", '[{"path": "x/a.csv", "name": "a.csv"}]', [("x/a.csv", None, None, ())]),
    "two checksums": (
        "m.json",
        json.dumps([{"name": "a.csv", "md5": MD5_BASE64, "sha-256": f"sha256:{SHA256}"}]),
        [("a.csv", None, None, (("md5", MD5), ("sha256", SHA256)))],
    ),
    "JSON with a byte order mark": ("m.json", '\ufeff["b.csv"]', [B]),
    "CSV": ("m.csv", f"name,size,rows,md5\na.csv,10,3,{MD5}\n\nb.csv,,,\n", [A, B]),
    "CSV with semicolons and quotes": ("m.csv", f'"File Name";"Rows";"Bytes";"MD5"\r\n"a.csv";3;10;{MD5}\r\n', [A]),
    "CSV with tabs": ("m.tsv", "filename\trecord_count\na.csv\t3\n", [("a.csv", None, 3, ())]),
    "CSV of one column": ("m.csv", "key\nb.csv\n", [B]),
    "md5sum": (
        "day.md5",
        f"{MD5}  a.csv\n{MD5} *b c.csv\n",
        [("a.csv", None, None, (("md5", MD5),)), ("b c.csv", None, None, (("md5", MD5),))],
    ),
    "sha256sum of a name with a backslash": (
        "SHA256SUMS",
        f"\\{SHA256}  a\\\\b.csv\n",
        [("a\\b.csv", None, None, (("sha256", SHA256),))],
    ),
    "md5sum --tag": ("m.md5", f"MD5 (a.csv) = {MD5}\n", [("a.csv", None, None, (("md5", MD5),))]),
    "what openssl writes": ("m.txt", f"SHA2-256(a.csv)= {SHA256}\n", [("a.csv", None, None, (("sha256", SHA256),))]),
    "a checksum alone beside its file": ("a.csv.sha1", f"{SHA1}\n", [("a.csv", None, None, (("sha1", SHA1),))]),
    "a plain list": ("day.manifest", "s3://raw/a.csv\nb.csv\n", [("s3://raw/a.csv", None, None, ()), B]),
    "an empty list": ("m.json", '{"files": []}', []),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_manifest_is_read_as(form: str) -> None:
    name, text, expected = FORMS[form]
    parsed = parse_manifest(name, text.encode())
    assert not parsed.is_marker
    assert [(entry.name, *entry.values) for entry in parsed.entries] == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("_SUCCESS", ""),
        ("DONE", "\n"),
        ("day.ok", ""),
        ("_SUCCESS", '{"name": "org.apache.hadoop.fs.s3a.SuccessData/1"}'),
    ],
)
def test_an_empty_file_is_a_marker_and_so_is_what_the_committers_of_s3a_write(name: str, text: str) -> None:
    parsed = parse_manifest(name, text.encode())
    assert (parsed.is_marker, parsed.entries) == (True, ())


FAULTS: dict[str, tuple[str, bytes, str]] = {
    "an empty JSON": ("day.json", b" \n", "it is empty, and a json file says what is there"),
    "a JSON that broke off": ("m.json", b'{"files": [', "it is no JSON: line 1, column 12"),
    "a JSON without a list": ("m.json", b'{"rows": 3}', "no list under files, entries, objects"),
    "an entry without a name": ("m.json", b'[{"size": 3}]', "entry 1 has no name of a file"),
    "an entry that is a number": ("m.json", b"[3]", "entry 1 is 3, and no name and no object"),
    "a size that is none": (
        "m.json",
        b'[{"name": "a", "size": "3 MB"}]',
        "entry 1 has the size '3 MB', which is no whole number",
    ),
    "a size below 0": ("m.json", b'[{"name": "a", "size": -1}]', "which is no whole number from 0"),
    "rows that are a truth value": ("m.json", b'[{"name": "a", "rows": true}]', "entry 1 has the rows True"),
    "two sizes": ("m.json", b'[{"name": "a", "size": 1, "bytes": 2}]', "entry 1 has size 1 and bytes 2"),
    "a checksum of no kind": (
        "m.json",
        b'[{"name": "a", "checksum": "abc"}]',
        "'abc', which is no md5, sha1, sha256 or sha512 in hex",
    ),
    "a checksum of another kind": (
        "m.json",
        f'[{{"name": "a", "md5": "{SHA256}"}}]'.encode(),
        "which is no md5 in hex",
    ),
    "two checksums of a kind": (
        "m.json",
        f'[{{"name": "a", "md5": "{MD5}", "hash": "{"0" * 32}"}}]'.encode(),
        "two different values of md5",
    ),
    "a name twice in an object": ("m.json", b'{"files": [], "files": ["a"]}', "has 'files' twice"),
    "a page of HTML": ("m.json", b"<html>", "it begins with <"),
    "bytes that are no text": ("m.json", b"\x1f\x8b\x08", "byte 2 is no UTF-8"),
    "UTF-16": ("m.txt", "a".encode("utf-16-le"), "a zero byte"),
    "a line of CSV with a field too many": (
        "m.csv",
        b"name,size\na.csv,1,2\n",
        "line 2 has 3 fields, and its header 2",
    ),
    "a CSV whose quote does not close": ("m.csv", b'name,size\n"a.csv,1\n', "is no CSV"),
    "a CSV without a header": (
        "m.csv",
        b"a.csv,10\n",
        "line 1 is no name of a file: 'a.csv,10'; a CSV begins with a header",
    ),
    "a line among checksums that is none": ("m.md5", f"{MD5}  a\nb.csv\n".encode(), "line 2 is no checksum and name"),
    "a line of JSON that is none": ("m.jsonl", b'{"name": "a"}\n{"name": \n', "it is no JSON: line 2"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_no_manifest_is_refused_with_where_and_why(case: str) -> None:
    name, body, words = FAULTS[case]
    with pytest.raises(ManifestBroken) as refusal:
        parse_manifest(name, body)
    assert words in str(refusal.value)


RAW, FOLDER = S3Prefix("raw", "trades/"), "trades/day=1/"
NAMES = {
    "a.csv": "trades/day=1/a.csv",
    "./part/a.csv": "trades/day=1/part/a.csv",
    "../day=2/a.csv": "trades/day=2/a.csv",
    "trades/day=2/a.csv": "trades/day=2/a.csv",
    "/trades/day=2/a.csv": "trades/day=2/a.csv",
    "s3://raw/trades/a.csv": "trades/a.csv",
    "s3a://raw/trades/a.csv": "trades/a.csv",
    "trades/x.csv": "trades/day=1/trades/x.csv",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_key_a_url_or_relative_to_the_manifests_folder(name: str) -> None:
    by_key = entries_by_key([ManifestEntry(name, "line 1")], FOLDER, RAW, {"trades/day=1/trades/x.csv"})
    assert list(by_key) == [NAMES[name]]


@pytest.mark.parametrize(
    ("name", "words"),
    {
        "s3://other/trades/a.csv": "line 1 names 's3://other/trades/a.csv', which is in another bucket than raw",
        "s3://raw/clients/a.csv": "which is not under trades/",
        "https://example.com/a.csv": "which is no key of S3",
        "../../clients/a.csv": "which is not under trades/",
        "s3://raw/trades/part/": "which is a folder",
    }.items(),
)
def test_a_name_of_what_is_not_the_datasets_is_refused(name: str, words: str) -> None:
    with pytest.raises(ManifestBroken) as refusal:
        entries_by_key([ManifestEntry(name, "line 1")], FOLDER, RAW, set())
    assert words in str(refusal.value)


def test_a_name_may_stand_twice_with_the_same_values_only() -> None:
    twice = [ManifestEntry("a.csv", "line 1", size=1), ManifestEntry("./a.csv", "line 2", size=1)]
    assert list(entries_by_key(twice, FOLDER, RAW, set())) == ["trades/day=1/a.csv"]
    with pytest.raises(ManifestBroken) as refusal:
        entries_by_key([*twice, ManifestEntry("trades/day=1/a.csv", "line 3", rows=2)], FOLDER, RAW, set())
    assert str(refusal.value) == (
        "it names trades/day=1/a.csv twice with different values: line 1 has size 1, line 3 has rows 2"
    )
