"""Columns that may be about a person, by their names and by what their values look like."""

import re

from sluice.contracts.profile.text_shape import EMAIL

WORDS = {
    *("email", "mail", "phone", "telephone", "tel", "mobile", "fax", "address", "street", "surname", "firstname"),
    *("lastname", "fullname", "username", "birth", "birthday", "birthdate", "dob", "gender", "ssn", "passport"),
    *(
        "iban",
        "salary",
        "nationality",
        "ip",
        "vorname",
        "nachname",
        "geburtsdatum",
        "strasse",
        "telefon",
        "adresse",
        "prenom",
    ),
}
PERSONS = {
    *("user", "customer", "client", "contact", "person", "salesperson", "employee", "patient", "member", "guest"),
    *("holder", "owner", "recipient", "sender", "driver", "buyer", "seller", "manager", "agent", "author", "doctor"),
}
NUMBERED = {
    *(
        "phone",
        "telephone",
        "telefon",
        "tel",
        "mobile",
        "fax",
        "mail",
        "email",
        "address",
        "adresse",
        "street",
        "strasse",
    ),
    *("ssn", "passport", "iban", "ip"),
}
"""Words of columns whose digits are a number to call, or that of an account: no amount."""
BY_NAME = "its name"
# What stands before `name` where it is a person's; a product, a file or a company has one too.
PERSON_PREFIXES = {*PERSONS, "first", "last", "middle", "full", "given", "family", "maiden", "nick"}
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
DECIMAL = re.compile(r"[-+]?[0-9]*[.,][0-9]+([eE][-+]?[0-9]+)?")
# Also within a longer text, and in a single one.
CONTAINED_FORMS = {
    "e-mail addresses": re.compile(EMAIL.strip("^$")),
    "telephone numbers": re.compile(r"(\+|\b00)[1-9][0-9 ()/.-]{6,}[0-9]"),
}
WHOLE_FORMS = {
    # At least nine digits, since days are written so too.
    "telephone numbers": re.compile(
        r"(?=(?:[^0-9]*[0-9]){9})\(?0[1-9][0-9]{0,3}\)?[ /][0-9 /-]+|\(?[0-9]{3}\)?[ .-]+[0-9]{3}[ .-][0-9]{4}"
    ),
    "IBANs": re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}"),
    "IP addresses": re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}"),
    "social security numbers": re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}"),
}


def why_personal(name: str, values: list[str]) -> str | None:
    """Return why a column may be about a person, None where nothing says so; `values` are those of a column of texts."""
    if _is_named_so(name):
        return BY_NAME
    values = [value for value in values if not DECIMAL.fullmatch(value)]
    for kind, form in CONTAINED_FORMS.items():
        if any(map(form.search, values)):
            return f"values that hold {kind}"
    for kind, form in WHOLE_FORMS.items():
        if values and 2 * sum(map(bool, map(form.fullmatch, values))) >= len(values):
            return f"values that look like {kind}"
    return None


def holds_numbers_of_persons(name: str, why: str) -> bool:
    """Say whether digits in a column that is personal for `why` are a telephone or an account, which stay text."""
    parts = [part.lower() for part in PARTS.findall(name)]
    return why != BY_NAME or bool(NUMBERED & {*parts, "".join(parts)})


def _is_named_so(name: str) -> bool:
    parts = [part.lower() for part in PARTS.findall(name)]
    if WORDS & {*parts, "".join(parts)} or (parts and parts[-1] in PERSONS):
        return True
    before = parts[parts.index("name") - 1] if "name" in parts[1:] else ""
    return parts[:1] == ["name"] or before in PERSON_PREFIXES
