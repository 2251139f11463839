"""JSON lines, Parquet, ORC, Avro and Excel: what is sound is published, what is not is named and publishes nothing."""

import base64
import gzip
import io
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc, parquet
from pyarrow.parquet import encryption

from tests.spark.lake import Lake
from tests.unit.job.test_avro import avro_file, schema_of
from tests.unit.job.test_compression import zip_packed
from tests.unit.job.test_excel import excel_file

CUSTOMER = {
    "customer_id": "CUST100",
    "name": "Ada “A” Lovelace",
    "email": "ada@example.com",
    "country": "GB",
    "signup_date": "2024-12-10",
}
GOODS = pa.schema(
    [
        ("product_id", pa.string()),
        ("name", pa.string()),
        ("category", pa.string()),
        ("list_price", pa.decimal128(10, 2)),
    ]
)
PRODUCT = {"product_id": "PROD001", "name": "Lamp", "category": "home", "list_price": Decimal("29.99")}


@pytest.fixture
def buyers(aws: Any, spark: Any) -> Lake:
    return Lake(aws, spark, "buyers")


@pytest.fixture
def goods(aws: Any, spark: Any) -> Lake:
    return Lake(aws, spark, "goods")


def customer_line(**changes: Any) -> str:
    return json.dumps({**CUSTOMER, **changes}, ensure_ascii=False)


def columnar_file(rows: list[dict[str, Any]], schema: pa.Schema = GOODS, form: str = "parquet") -> bytes:
    if form == "excel":
        return excel_file([[field.name for field in schema], *([row[field.name] for field in schema] for row in rows)])
    if form == "avro":
        fields = ("product_id", "name", "category")
        price = {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}
        return avro_file(rows, schema_of({"list_price": price, **dict.fromkeys(fields, "string")}), "deflate")
    sink = io.BytesIO()
    table = pa.Table.from_pylist(rows, schema)
    (parquet if form == "parquet" else orc).write_table(table, sink)
    return sink.getvalue()


def broken_rules(lake: Lake) -> dict[str, tuple[int, tuple[str | None, ...]]]:
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("FAILED", 0), verdict.message
    return {result.rule.partition(".")[2]: (result.unexpected, result.samples) for result in verdict.broken}


def test_json_lines_are_published_in_any_key_order_and_gzipped(buyers: Lake) -> None:
    second = json.dumps(dict(reversed({**CUSTOMER, "customer_id": "CUST101", "country": "DE"}.items())))
    buyers.put_files(
        a__jsonl=f"{customer_line()}\r\n\n{second}".encode(),
        b__jsonl__gz=gzip.compress(customer_line(customer_id="CUST102").encode()),
    )
    assert buyers.run().rows_published == 3
    first, second_row, _ = buyers.rows()
    assert {name: str(first[name]) for name in CUSTOMER} == CUSTOMER
    assert (second_row["country"], second_row["_object"]) == ("DE", "buyers/a.jsonl")


UNSOUND = {
    "a broken line": customer_line()[:-1],
    "a nested object": customer_line(name={"first": "Ada"}),
    "a list": customer_line(name=["Ada"]),
    "a key twice": customer_line()[:-1] + ', "name": "Bob"}',
    "an unknown key": customer_line(nickname="A"),
    "a key in other case": customer_line().replace('"name"', '"Name"'),
    "text behind the object": customer_line() + " // checked",
    "two objects": customer_line() + customer_line(),
    "two objects and a comma": customer_line() + "," + customer_line(),
    "no object": '"CUST100"',
    "a list of one": f"[{customer_line()}]",
    "single quotes": customer_line().replace('"', "'"),
    "a number that is none": customer_line(name=0).replace(": 0,", ": 01,"),
    "a number without digits after the point": customer_line(name=0).replace(": 0,", ": 1.,"),
    "no number": customer_line(name=0).replace(": 0,", ": NaN,"),
    "a raw control character": customer_line(name="@").replace("@", "\t"),
    "an unknown escape": customer_line(name="@").replace("@", "\\x41"),
}


def test_a_line_that_is_no_flat_object_of_declared_keys_is_counted(buyers: Lake) -> None:
    buyers.put_files(a__jsonl="\n".join([customer_line(), *UNSOUND.values()]).encode())
    samples_by_rule = broken_rules(buyers)
    assert samples_by_rule["structure.row"][0] == len(UNSOUND)
    assert samples_by_rule["structure.row"][1] == ("***",)


def test_a_declared_key_that_is_missing_is_null_and_the_rules_judge_it(buyers: Lake) -> None:
    buyers.put_files(a__jsonl=json.dumps({k: v for k, v in CUSTOMER.items() if k != "country"}).encode())
    assert broken_rules(buyers) == {"country.present": (1, (None,))}


def test_what_is_about_a_person_is_masked_in_samples_and_messages(buyers: Lake) -> None:
    buyers.put_files(a__jsonl=customer_line(email="secret at nowhere").encode())
    assert broken_rules(buyers) == {"email.format": (1, ("***",))}
    assert "secret" not in buyers.run().message


def test_an_escaped_control_character_is_found_in_the_value(buyers: Lake) -> None:
    buyers.put_files(a__jsonl=customer_line(name="Ada\x00").encode())
    assert set(broken_rules(buyers)) == {"structure.text"}


@pytest.mark.parametrize(
    "form",
    ["parquet", pytest.param("orc", marks=pytest.mark.long), pytest.param("avro", marks=pytest.mark.long), "excel"],
)
def test_columnar_files_of_the_declared_types_are_published(goods: Lake, form: str) -> None:
    suite = json.loads(goods.aws.s3.get_object(Bucket=goods.bucket, Key="contracts/input.json")["Body"].read())
    suite["meta"]["format"] = form
    suite["meta"] |= {"header_match": "by_name"} if form == "excel" else {}
    goods.put_key("contracts/input.json", json.dumps(suite).encode())
    swapped = pa.schema([GOODS.field(index) for index in (3, 0, 2, 1)])
    goods.put_files(
        a=columnar_file([PRODUCT], form=form), b=columnar_file([{**PRODUCT, "product_id": "PROD002"}], swapped, form)
    )
    assert goods.run().rows_published == 2
    assert [row["list_price"] for row in goods.rows()] == [Decimal("29.99")] * 2
    if form == "excel":
        goods.put_files(c=columnar_file([PRODUCT, {**PRODUCT, "list_price": 0.305}], form=form))
        assert broken_rules(goods)["structure.cast.list_price"] == (1, ("0.305",))
    if form == "avro":
        goods.put_files(c=columnar_file([PRODUCT] * 9, form=form)[:-20])
        assert broken_rules(goods) == {"structure.format": (1, ("goods/c: its block 1 is broken",))}


def schema_with_type(name: str, kind: Any) -> pa.Schema:
    return pa.schema([(field.name, kind if field.name == name else field.type) for field in GOODS])


OTHERS = {
    "another type": (
        columnar_file([{**PRODUCT, "list_price": 29.99}], schema_with_type("list_price", pa.float64())),
        "schema",
        'list_price double instead of decimal(10,2); write "type": "double" for list_price in the columns of the input',
    ),
    "another scale": (
        columnar_file([PRODUCT], schema_with_type("list_price", pa.decimal128(12, 4))),
        "schema",
        "decimal(12,4) instead of decimal(10,2)",
    ),
    "a missing column": (columnar_file([PRODUCT], GOODS.remove(2)), "schema", "category missing instead of string"),
    "a column more": (
        columnar_file([PRODUCT], GOODS.append(pa.field("note", pa.string()))),
        "schema",
        'note string instead of nothing; write "extra_columns": "ignore" in the meta of the input',
    ),
    "a csv renamed": (b"product_id,name\nPROD1,x\n", "format", "no parquet file"),
    "a file cut off": (columnar_file([PRODUCT])[:-20], "format", "no parquet file"),
    "no rows": (columnar_file([]), "rows", "no rows"),
}


class Kms(encryption.KmsClient):
    """Wraps keys in nothing: what matters is that a reader without keys gets the file."""

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return base64.b64encode(key_bytes)

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        return base64.b64decode(wrapped_key)


def encrypted_parquet(in_footer: bool) -> bytes:
    settings = encryption.EncryptionConfiguration(
        footer_key="footer", column_keys={"columns": ["name"]}, plaintext_footer=not in_footer
    )
    factory = encryption.CryptoFactory(lambda _: Kms())
    properties = factory.file_encryption_properties(encryption.KmsConnectionConfig(), settings)
    sink = io.BytesIO()
    with parquet.ParquetWriter(sink, GOODS, encryption_properties=properties) as writer:
        writer.write_table(pa.Table.from_pylist([PRODUCT], GOODS))
    return sink.getvalue()


def compressed_parquet(codec: Any) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([PRODUCT], GOODS), sink, compression=codec)
    return sink.getvalue()


def test_parquet_whose_columns_the_job_cannot_unpack_or_read_is_named_and_every_other_codec_is_read(
    goods: Lake,
) -> None:
    goods.put_files(
        a__parquet=compressed_parquet({name: "brotli" if name == "category" else "zstd" for name in GOODS.names}),
        b__parquet=encrypted_parquet(in_footer=False),
        good__parquet=compressed_parquet("lz4"),
    )
    [(broken_rule, (unexpected, samples))] = broken_rules(goods).items()
    assert (broken_rule, unexpected) == ("structure.compression", 2)
    assert samples == (
        "goods/a.parquet: packed with brotli, which the job has no codec for; put it again as snappy, gzip or zstd",
        "goods/b.parquet: encrypted; put it again in the clear",
    )
    bodies = {
        "a": encrypted_parquet(in_footer=True),
        "b": gzip.compress(compressed_parquet("none")),
        "good": zip_packed(compressed_parquet("none")),
    }
    goods.put_files(**{f"{name}__parquet": body for name, body in bodies.items()})
    [(broken_rule, (unexpected, samples))] = broken_rules(goods).items()
    assert (broken_rule, unexpected) == ("structure.compression", 3)
    assert [str(sample).partition("but ")[2].partition(";")[0] for sample in samples] == [
        "encrypted parquet",
        "gzip",
        "zip",
    ]
    rows = dict(zip("abcdef", ("none", "snappy", "gzip", "zstd", "lz4", "none"), strict=True))
    goods.put_files(good__parquet=columnar_file([{**PRODUCT, "product_id": "PROD9"}]))
    for number, (name, codec) in enumerate(rows.items()):
        sink = io.BytesIO()
        table = pa.Table.from_pylist([{**PRODUCT, "product_id": f"PROD{number}"}], GOODS)
        parquet.write_table(table, sink, compression=codec)
        goods.put_files(**{f"{name}__parquet": sink.getvalue()})
    assert goods.run().rows_published == 1 + len(rows)


@pytest.mark.parametrize("name", OTHERS)
def test_a_columnar_file_that_is_not_as_declared_is_named(goods: Lake, name: str) -> None:
    body, rule, detail = OTHERS[name]
    goods.put_files(bad__parquet=body, good__parquet=columnar_file([PRODUCT]))
    [(broken_rule, (unexpected, samples))] = broken_rules(goods).items()
    assert (broken_rule, unexpected) == (f"structure.{rule}", 1)
    assert str(samples[0]).startswith("goods/bad.parquet: ")
    assert detail in str(samples[0])
