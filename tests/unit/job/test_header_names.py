"""What a refused header says: what is missing, renamed, moved and surplus, and the line to write; of persons no name."""

import pytest

from etl.sources.header_names import HeaderNames
from tests.csv_contracts import csv_contract

DECLARED = ["id", "email", "country", "day"]
MAIL = "ada@example.org"
SOURCE = "in the columns of the input"
FOR_EMAIL = f"for email {SOURCE}"
META = "in the meta of the input"
IGNORE_CASE = f'write "header_match": "by_name_ignore_case" {META}'
BOTH = IGNORE_CASE.replace(" in", ' and "extra_columns": "ignore" in', 1)


@pytest.mark.parametrize(
    ("fields", "meta", "fault", "hint"),
    [
        (["id", "country"], {}, "missing 'email', 'day'", ""),
        (["id", "e_mail", "country", "day"], {}, "missing 'email' (now 'e_mail'?)", f'write "source": "e_mail" {FOR_EMAIL}'),
        (["id", "contact", "country", "day"], {}, "missing 'email' (now 'contact'?)", f'write "source": "contact" {FOR_EMAIL}'),
        (["id", "country", "contact", "day"], {}, "missing 'email'; not declared 'contact'", ""),
        (["Id", "email", "country", " day"], {}, None, f'write "source": "Id" for id, "source": " day" for day {SOURCE}'),
        (["Id", "Email", "country", "day"], {}, None, IGNORE_CASE),
        (["ID", "EMAIL", "day", "country", "x"], {}, None, BOTH),
        (["email", "country", "day", "id"], {}, "moved 'id' (field 4, declared 1)", f'write "header_match": "by_name" {META}'),
        (["x", "id", "country", "email", "day"], {}, "moved 'country' (field 3, declared 3); not declared 'x'", None),
        (["country", "id", "day"], {}, "missing 'email'; moved 'country' (field 1, declared 3)", ""),
        (["day", "id", "country", "x"], {"header_match": "by_name"}, "missing 'email'; not declared 'x'", ""),
        (["id", "country", "email", "day", "x"], {"extra_columns": "ignore"}, None, f'write "header_match": "by_name" {META}'),
        (["id", "email", "country", "day", "x\n"], {}, "not declared 'x\\n'", f'write "extra_columns": "ignore" {META}'),
        (["id", "email", "email", "country", "day"], {}, "twice 'email'", ""),
        (["1", MAIL, "GB", "2025-01-31"], {}, "missing 'id', 'email', 'country', 'day'; 4 fields where 4 are declared", ""),
        ([], {}, "missing 'id', 'email', 'country', 'day'", ""),
    ],
)  # fmt: skip
def test_a_header_names_what_is_missing_renamed_moved_and_surplus_with_the_line_to_write(
    fields: list[str], meta: dict[str, str], fault: str | None, hint: str | None
) -> None:
    header = HeaderNames(fields, csv_contract(DECLARED, **meta))
    assert fault in (None, header.fault), header.fault
    assert hint in (None, header.hint), header.hint


@pytest.mark.parametrize(
    ("fields", "fault", "hint"),
    [
        (["id", "e_mail", "country", "day"], "missing 'email'; 4 fields where 4 are declared", ""),
        (["1", MAIL, "GB"], "missing 'id', 'email', 'country', 'day'; 3 fields where 4 are declared", ""),
        (["email", "id", "country", "day"], "moved 'email' (field 1, declared 2)", f'write "header_match": "by_name" {META}'),
        (["id", "email", "country", "day", MAIL], "5 fields where 4 are declared", f'write "extra_columns": "ignore" {META}'),
    ],
)  # fmt: skip
def test_of_a_file_about_persons_declared_names_alone_are_told(fields: list[str], fault: str, hint: str) -> None:
    contract = csv_contract([{"name": name, "pii": name == "email"} for name in DECLARED])
    header = HeaderNames(fields, contract)
    assert (header.fault, header.hint) == (fault, hint)


def test_six_hundred_values_are_compared_with_six_hundred_names_in_no_time() -> None:
    header = HeaderNames([f"{n}.5" for n in range(600)], csv_contract([f"column_{n}" for n in range(600)]))
    assert header.fault.endswith("600 fields where 600 are declared")
