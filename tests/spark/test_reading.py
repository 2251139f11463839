"""The reading rules, file by file: what is ordinary is published as it stands, what is not is named and publishes nothing."""

import bz2
import gzip
import random
from decimal import Decimal

import pytest

from etl.results.rule_result import RuleResult
from tests.spark.lake import GOOD, HEADER, Lake, csv_bytes

NAMES = HEADER.split(",")
ROW = GOOD.split(",")


def make_row(**fields: str) -> str:
    """Return the good row with some fields replaced by other raw text."""
    return ",".join({**dict(zip(NAMES, ROW, strict=True)), **fields}.values())


def broken_results(lake: Lake) -> list[RuleResult]:
    """Run, demand that nothing was published, and return the rules that broke."""
    verdict = lake.run()
    assert verdict.state == "FAILED", verdict.message
    assert (verdict.rows_published, verdict.snapshot_after) == (0, verdict.snapshot_before)
    assert verdict.broken, verdict.message
    return verdict.broken


QUOTED = ",".join(f'"{field}"' for field in ROW)
ORDINARY = {
    "crlf line ends": csv_bytes(GOOD, end="\r\n"),
    "no line end at the end": csv_bytes(GOOD).rstrip(),
    "a byte-order mark": b"\xef\xbb\xbf" + csv_bytes(GOOD),
    "a byte-order mark and a quoted header": b"\xef\xbb\xbf"
    + csv_bytes(GOOD, header=",".join(f'"{n}"' for n in NAMES)),
    "every field quoted": csv_bytes(QUOTED),
    "some fields quoted": csv_bytes(make_row(region='"US-EAST"', quantity='"2"')),
    "blank lines between and after": csv_bytes("", GOOD, "", "  ", ""),
    "leading zeros": csv_bytes(make_row(quantity="002")),
}


def test_ordinary_csv_is_published(lake: Lake) -> None:
    for number, (name, body) in enumerate(ORDINARY.items()):
        lake.put_key(f"trades/{name}.csv", body.replace(b"TXN001", b"TXN%03d" % number))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_read) == ("SUCCEEDED", len(ORDINARY)), verdict.message
    raw = dict(zip(NAMES, ROW, strict=True))
    for number, (name, published) in enumerate(zip(ORDINARY, lake.rows(), strict=True)):
        assert published["_object"] == f"trades/{name}.csv"
        assert {n: str(published[n]) for n in NAMES} == raw | {"transaction_id": f"TXN{number:03d}"}


def test_gzip_is_ordinary_also_in_several_members(lake: Lake) -> None:
    lake.put_files(a__csv__gz=gzip.compress(csv_bytes(GOOD)))
    second = csv_bytes(make_row(transaction_id="TXN002"), make_row(transaction_id="TXN003"))
    lake.put_files(b__csv__gz=gzip.compress(second[:90]) + gzip.compress(second[90:]))
    assert lake.run().rows_published == 3


@pytest.mark.long
def test_bzip2_is_ordinary_also_in_several_streams_and_one_that_is_cut_is_named(lake: Lake) -> None:
    second = csv_bytes(make_row(transaction_id="TXN002"), make_row(transaction_id="TXN003"))
    lake.put_files(
        a__csv__bz2=bz2.compress(csv_bytes(GOOD)), b__csv__bz2=bz2.compress(second[:90]) + bz2.compress(second[90:])
    )
    assert lake.run().rows_published == 3
    whole = noisy_day(6_000)
    lake.put_files(c__csv__bz2=bz2.compress(whole)[:-9])
    [result] = broken_results(lake)
    assert (result.rule, result.unexpected) == ("trades.structure.compression", 1)
    lake.put_files(c__csv__bz2=bz2.compress(whole, 1))
    assert lake.run().rows_published == 6_000


def test_odd_keys_are_read_as_they_stand(lake: Lake) -> None:
    keys = [
        "a b.csv",
        "a+b.csv",
        "a%20b.csv",
        "é.csv",
        "region=EU-WEST/x.csv",
        "x{1},[y]*?.csv",
        "#1.csv",
        "deep/er/ü 1.csv",
        "a?b=c&d;e.csv",
        '10:30 it\'s "50%"!.csv',
        "a\\b.csv",
        "tab\there.csv",
        "two\nlines.csv",
        "日本 😀\u2028.csv",
    ]
    for number, key in enumerate(keys):
        lake.put_key(f"trades/{key}", csv_bytes(make_row(transaction_id=f"TXN{number:03d}")))
    assert lake.run().rows_published == len(keys)
    rows = lake.rows()
    assert [table_row["_object"] for table_row in rows] == [f"trades/{key}" for key in keys]
    assert {table_row["region"] for table_row in rows} == {"US-EAST"}


UNREADABLE = (
    "10:30[1].csv",
    "a*b:c.csv",
    "{x}/12:00.csv",
    "q?:.csv",
    "back\\slash:.csv",
    "a]:b.csv",
    "x:y/[z.csv",
    "}:.csv",
)


def test_a_key_that_hadoop_takes_for_a_pattern_and_cannot_read_is_refused(lake: Lake) -> None:
    for number, key in enumerate(UNREADABLE):
        lake.put_key(f"trades/{key}", csv_bytes(make_row(transaction_id=f"TXN{number}")))
    [result] = broken_results(lake)
    assert (result.rule, result.unexpected) == ("trades.structure.key", len(UNREADABLE))
    assert "Hadoop reads no key with both : and " in str(result.samples[0])
    assert "put the object under another key" in result.why


def test_what_is_no_data_is_left_alone(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD), _SUCCESS=b"", _notes__csv=b"junk", __hidden=b"junk")
    for key, body in {
        "trades/": b"",
        "trades/2025/": b"",
        "trades/_temporary/0/part.csv": b"x",
        "trades/.x/y.csv": b"x",
    }.items():
        lake.put_key(key, body)
    lake.put_key("trades_old/b.csv", b"another dataset's")
    verdict = lake.run()
    assert [entry.key for entry in verdict.objects] == ["trades/a.csv"]
    assert verdict.rows_published == 1, verdict.message


def test_what_is_passed_over_for_its_name_stands_in_the_verdict_and_its_message(lake: Lake) -> None:
    names = ["_trades.csv", ".x/y.csv", "part.csv._COPYING_", *(f"_{number:02d}.csv" for number in range(20))]
    for name in names:
        lake.put_key(f"trades/{name}", csv_bytes(GOOD))
    lake.put_key("trades/_trades.csv", csv_bytes(GOOD, GOOD))
    for key in ("trades/", "trades/2025/", "trades/2026_$folder$"):
        lake.put_key(key, b"")
    verdict = lake.run()
    assert (verdict.state, verdict.nothing_unread) == ("SUCCEEDED", True)
    keys = sorted(f"trades/{name}" for name in names)
    assert (verdict.as_json()["passed_over"], verdict.as_json()["objects_passed_over"]) == (keys[:20], 23)
    first = f"{', '.join(keys[:3])} and 20 more"
    assert verdict.message.endswith(f"; 23 objects passed over for _ or a dot before a name: {first}")
    lake.put_files(a__csv=csv_bytes(GOOD))
    published = "1 row published from 1 object; 23 objects passed over"
    assert published in lake.run().message


SWAPPED = ",".join([NAMES[1], NAMES[0], *NAMES[2:]])
OBJECTS = {
    "zero bytes": (b"", "empty"),
    "nothing but blanks": (b"\n  \r\n", "empty"),
    "a header only": (csv_bytes(), "rows"),
    "a header only, no line end": (HEADER.encode(), "rows"),
    "a header and blank lines": (csv_bytes("", "  ", ""), "rows"),
    "a header and a screenful of blank lines": (csv_bytes() + b"\n" * 70_000, "rows"),
    "names swapped": (csv_bytes(GOOD, header=SWAPPED), "header"),
    "a name more": (csv_bytes(GOOD + ",x", header=HEADER + ",note"), "header"),
    "a name fewer": (csv_bytes("TXN1,CUST1", header="transaction_id,customer_id"), "header"),
    "no header": (csv_bytes(GOOD, header=GOOD), "header"),
    "other case": (csv_bytes(GOOD, header=HEADER.upper()), "header"),
    "spaces in the header": (csv_bytes(GOOD, header=HEADER.replace(",", ", ")), "header"),
    "another delimiter": (csv_bytes(GOOD.replace(",", ";"), header=HEADER.replace(",", ";")), "header"),
    "a blank line first": (b"\n" + csv_bytes(GOOD), "header"),
    "the header twice": (csv_bytes(GOOD, HEADER), "header"),
    "utf-16": (csv_bytes(GOOD).decode().encode("utf-16"), "encoding"),
    "gzip without its name": (gzip.compress(csv_bytes(GOOD)), "compression"),
    "an endless first line": (b"x" * 200_000, "header"),
    "parquet": (b"PAR1\x15\x04\x15\x00\x00PAR1", "compression"),
}


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("with_good_file", [False, True], ids=["alone", "beside a good file"])
def test_an_object_that_is_no_csv_is_named(lake: Lake, name: str, with_good_file: bool) -> None:
    body, rule = OBJECTS[name]
    lake.put_files(bad__csv=body)
    if with_good_file:
        lake.put_files(good__csv=csv_bytes(make_row(transaction_id="TXN9")))
    [fault] = [result for result in broken_results(lake) if result.stage == "structure"]
    assert fault.rule == f"trades.structure.{rule}"
    assert [str(sample).partition(":")[0] for sample in fault.samples] == ["trades/bad.csv"]


def noisy_day(rows: int) -> bytes:
    """Return a day whose gzip is longer than the first look."""
    rng = random.Random(0)
    return csv_bytes(
        *(make_row(transaction_id=f"TXN{n}", customer_id=f"CUST{rng.getrandbits(64)}") for n in range(rows))
    )


@pytest.mark.parametrize(
    "size", [1, pytest.param(20_000, marks=pytest.mark.long)], ids=["small", "beyond the first look"]
)
@pytest.mark.parametrize("fault", ["cut", "flipped", "rubbish behind"])
def test_a_broken_gzip_is_named(lake: Lake, size: int, fault: str) -> None:
    whole = gzip.compress(noisy_day(size))
    assert size == 1 or len(whole) > 2 * 64 * 1024
    flipped = bytearray(whole)
    flipped[-6] ^= 0xFF
    lake.put_files(
        a__csv__gz={
            "cut": whole[:-20],
            "flipped": bytes(flipped),
            "rubbish behind": whole + b"rubbish",
        }[fault]
    )
    assert [result.rule for result in broken_results(lake)] == ["trades.structure.gzip"]


ROWS = {
    "a field fewer": ("TXN1,CUST1,PROD1,1,1.00,2025-01-01", "structure.row"),
    "a field more": (GOOD + ",x", "structure.row"),
    "a comma at the end": (GOOD + ",", "structure.row"),
    "thirty thousand fields": ("1," * 30_000, "structure.row"),
    "a quote that never closes": (make_row(customer_id='"CUST1'), "structure.row"),
    "a quote that never closes at the end": (make_row(region='"US-EAST'), "structure.row"),
    "text after a closing quote": (make_row(region='"US-EAST" '), "structure.row"),
    "a quote within": (make_row(customer_id='CU"ST1'), "structure.row"),
    "a backslash before a quote": (make_row(customer_id='"CUST\\"1"'), "structure.row"),
    "a line break in a quoted field": (make_row(customer_id='"CUST1\n2"'), "structure.row"),
    "a line break in the first field": (make_row(transaction_id='"TXN1\n2"'), "structure.row"),
    "a line break in the last field": (make_row(region='"US-EAST\n"'), "structure.row"),
    "a carriage return in a field": (make_row(customer_id="CUST\r1"), "structure.row"),
    "two stray quotes rows apart": (
        make_row(region='"US-EAST') + "\n" + make_row(transaction_id="TXN2", region='US-EAST"'),
        "structure.row",
    ),
    "a long run of doubled quotes": (make_row(region='"' + '""' * 50_000 + '"'), "region.known"),
    "bytes that are no utf-8": (make_row(customer_id="CUST\udce9"), "structure.text"),
    "a control character": (make_row(customer_id="CUST1\x00"), "structure.text"),
    "a line separator at the end": (make_row(customer_id="CUST1\u2028"), "structure.text"),
    "a next-line character at the end": (make_row(transaction_id="TXN1\u0085"), "structure.text"),
    "a second byte-order mark": ("\ufeff" + GOOD, "structure.text"),
    "empty quantity": (make_row(quantity=""), "quantity.present"),
    "empty region": (make_row(region=""), "region.present"),
    "quoted empty region": (make_row(region='""'), "region.present"),
    "quantity as text": (make_row(quantity="two"), "structure.cast.quantity"),
    "quantity with a fraction": (make_row(quantity="2.0"), "structure.cast.quantity"),
    "quantity with an exponent": (make_row(quantity="1e2"), "structure.cast.quantity"),
    "quantity with a space": (make_row(quantity=" 2"), "structure.cast.quantity"),
    "quantity with a plus": (make_row(quantity="+2"), "structure.cast.quantity"),
    "quantity in other digits": (make_row(quantity="\u0662"), "structure.cast.quantity"),
    "quantity that wraps": (make_row(quantity="4294967298"), "structure.cast.quantity"),
    "quantity zero": (make_row(quantity="0"), "quantity.range"),
    "quantity negative": (make_row(quantity="-5"), "quantity.range"),
    "quantity above": (make_row(quantity="1001"), "quantity.range"),
    "price that rounds": (make_row(unit_price="29.995"), "unit_price.decimals"),
    "price with a third decimal": (make_row(unit_price="29.990"), "unit_price.decimals"),
    "price beyond its type": (make_row(unit_price="100000000.00"), "structure.cast.unit_price"),
    "price without a leading digit": (make_row(unit_price=".99"), "structure.cast.unit_price"),
    "price without decimals after the point": (make_row(unit_price="29."), "structure.cast.unit_price"),
    "price with a decimal comma": (make_row(unit_price='"29,99"'), "structure.cast.unit_price"),
    "price that is no number": (make_row(unit_price="NaN"), "structure.cast.unit_price"),
    "price zero": (make_row(unit_price="0.00"), "unit_price.range"),
    "price negative": (make_row(unit_price="-0.01"), "unit_price.range"),
    "total beyond its type": (make_row(quantity="1000", unit_price="99999999.99"), "total_amount.computed"),
    "a day that is none": (make_row(transaction_date="2025-02-30"), "structure.cast.transaction_date"),
    "a year only": (make_row(transaction_date="2025"), "structure.cast.transaction_date"),
    "a day with a time": (make_row(transaction_date="2025-01-15T00:00:00"), "structure.cast.transaction_date"),
    "a short month": (make_row(transaction_date="2025-1-15"), "structure.cast.transaction_date"),
    "a day the other way round": (make_row(transaction_date="15-01-2025"), "structure.cast.transaction_date"),
    "tomorrow": (make_row(transaction_date="2026-02-01"), "transaction_date.not_future"),
    "a region in lower case": (make_row(region="us-east"), "region.known"),
    "a region with a space": (make_row(region="US-EAST "), "region.known"),
    "an unknown region": (make_row(region="MARS"), "region.known"),
    "an id with other digits": (make_row(transaction_id="TXN\u0661"), "transaction_id.format"),
    "an id in lower case": (make_row(transaction_id="txn001"), "transaction_id.format"),
    "an id without digits": (make_row(customer_id="CUST"), "customer_id.format"),
    "an id with a suffix": (make_row(product_id="PROD001x"), "product_id.format"),
}


TWO_LINES = {
    "a line break in a quoted field",
    "a line break in the first field",
    "a line break in the last field",
    "a carriage return in a field",
    "two stray quotes rows apart",
}


SHORT = {"structure.row"}
RULES = [
    pytest.param(rule, marks=() if rule in SHORT else pytest.mark.long)
    for rule in sorted({rule for _, rule in ROWS.values()})
]


@pytest.mark.parametrize("rule", RULES)
def test_a_row_that_is_not_as_declared_is_counted_under_its_rule(lake: Lake, rule: str) -> None:
    cases = [name for name, (_, broken_rule) in ROWS.items() if broken_rule == rule]
    for name in cases:
        bad = ROWS[name][0].encode("utf-8", "surrogateescape")
        lake.put_key(
            f"trades/{name}.csv",
            csv_bytes(make_row(transaction_id="TXN900"), "@", make_row(transaction_id="TXN901")).replace(b"@", bad),
        )
    [fault] = [result for result in broken_results(lake) if result.rule == f"trades.{rule}"]
    assert fault.unexpected == len(cases) + len(TWO_LINES & set(cases))


BOUNDS = {
    "least": make_row(quantity="1", unit_price="0.01"),
    "most": make_row(quantity="1", unit_price="99999999.99"),
    "many": make_row(quantity="1000", unit_price="99999.99"),
    "whole": make_row(unit_price="30"),
    "one decimal": make_row(unit_price="29.9"),
    "today": make_row(transaction_date="2026-01-31"),
    "long ago": make_row(transaction_date="1899-12-31"),
    "leap day": make_row(transaction_date="2024-02-29"),
}


def test_values_at_their_bounds_are_published_unchanged(lake: Lake) -> None:
    lines = [line.replace("TXN001", f"TXN{number}") for number, line in enumerate(BOUNDS.values())]
    lake.put_files(a__csv=csv_bytes(*lines))
    assert lake.run().state == "SUCCEEDED"
    rows = lake.rows()
    for line, published in zip(lines, rows, strict=True):
        raw = dict(zip(NAMES, line.split(","), strict=True))
        assert {name: str(published[name]) for name in NAMES} == {
            **raw,
            "unit_price": f"{Decimal(raw['unit_price']):.2f}",
        }
        assert published["total_amount"] == published["quantity"] * published["unit_price"]
