"""What a text is that is not of the declared format: named, with the line to write in the contract where one reads it.

A page, an error or a document is what a download gives that went wrong. Nothing of the text is shown but declared names and
what stands in the document that a service answers an error with.
"""

import json
import re

from etl.contract.dialect import RFC_4180
from etl.contract.model import Contract
from etl.contract.record_form import RecordForm
from etl.sources.header_hints import DELIMITERS, likely_delimiter
from etl.sources.json_forms import form_words, likely_form

DOCUMENTS = (
    ("an HTML page", re.compile(r"(?is)(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b")),
    ("an XML document", re.compile(r"<\?xml\b|<Error>")),
    ("a PDF", re.compile(r"%PDF")),
)
JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{])")
"""A text of JSON whose records may be rows: a CSV may begin with a bracket too."""
SERVICE_ERROR = re.compile(r"(?:<\?xml[^>]*>\s*)?<Error>\s*<Code>([A-Za-z]{1,40})</Code>")
"""What S3 answers where it does not answer with an object (S3, Error responses)."""


def describe_document(text: str) -> str:
    """Say that a text is no data but a document, and what to do; "" where it is none."""
    text = text.lstrip()
    kind = next((kind for kind, pattern in DOCUMENTS if pattern.match(text)), "")
    if not kind:
        return ""
    error = SERVICE_ERROR.match(text)
    named = f"{kind} with the error {error[1]}" if error else kind
    return f"{named}, which no format of a contract is; fetch the file again, or leave it out with `sluice skip`"


def describe_json(text: str, is_whole: bool, contract: Contract) -> str:
    """Say that a text is JSON, with what to write; "" where it is none."""
    stated = likely_json(text, is_whole, [*contract.file_names.values()])
    if stated is None:
        return ""
    words, records = form_words(stated, contract)
    line = '"format": "jsonl"' + ("" if stated[0] is RecordForm.LINES else f", {records}")
    return f"{words}: write {line} in the meta of the input"


def likely_json(text: str, is_whole: bool, columns: list[str]) -> tuple[RecordForm, str] | None:
    """Return what `likely_form` says of a text that may be no JSON at all: None where it is none."""
    return likely_form(text, is_whole, columns) if JSON.match(text) else None


def describe_csv(text: str, contract: Contract) -> str:
    """Say that a text is CSV with declared names in its first line, with what to write; "" where it may be none."""
    columns = [*contract.file_names.values()]
    delimiter = likely_delimiter(text.lstrip().partition("\n")[0].rstrip("\r"), columns, RFC_4180, DELIMITERS)
    if not delimiter:
        return ""
    dialect = "" if delimiter == RFC_4180.delimiter else f', "dialect": {{"delimiter": {json.dumps(delimiter)}}}'
    return f'CSV: write "format": "csv"{dialect} in the meta of the input'


def describe_text(text: str, is_whole: bool, contract: Contract) -> str:
    """Say what a text is that should have been of another format, with what to do; "text" where it may be anything."""
    return describe_document(text) or describe_json(text, is_whole, contract) or describe_csv(text, contract) or "text"
