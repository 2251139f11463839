"""How raw files are written, by the servers of an Open Data Contract Standard document."""

from typing import Any

from sluice.contracts.importing.dataset_draft import DatasetDraft
from sluice.contracts.importing.located_file import LocatedFile, objects_of

Plain = dict[str, Any]
FORMATS = {
    "csv": "csv",
    "json": "jsonl",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "parquet": "parquet",
    "avro": "avro",
    "orc": "orc",
}
ENCODINGS = ("utf-8", "iso-8859-1", "windows-1252", "utf-16")


def input_meta(file: LocatedFile, draft: DatasetDraft, table: Plain, columns: list[Plain]) -> Plain:
    """Return the meta of the input of a table: its columns as the source calls them, in files of a server's format."""
    sources = {
        entry.get("name"): entry["physicalName"]
        for entry in objects_of(table, "properties")
        if entry.get("physicalName")
    }
    listed: list[Plain] = []
    for column in columns:
        source = sources.get(column["name"], column["name"])
        listed.append({**column, **({"source": source} if source != column["name"] else {})})
    head = {key: draft.output_meta[key] for key in ("version", "owner", "description")}
    return {**head, **_file_meta(file, draft, columns), "columns": listed}


def _file_meta(file: LocatedFile, draft: DatasetDraft, columns: list[Plain]) -> Plain:
    """Return how files are written, by the first server that says it."""
    servers: list[Plain] = objects_of(file.content, "servers")
    described = next((server for server in servers if str(server.get("format")).lower() in FORMATS), None)
    for server in servers:
        if server is not described:
            draft.lose(
                file.line_of(server), f"the server {server.get('server')}", "a stack's options say where data are"
            )
    is_nested = any("<" in column["type"] for column in columns)
    if described is None:
        form = "jsonl" if is_nested else "csv"
        remedy = "write meta.format, or draft the input by sluice profile"
        draft.doubt(1, f"no server says how raw files are written, so they are {form}", remedy)
        return {"format": form}
    form, line = FORMATS[str(described["format"]).lower()], file.line_of(described)
    if form == "csv" and is_nested:
        draft.doubt(
            line, f"no csv holds the lists or objects of {draft.dataset}, so its format is jsonl", "write meta.format"
        )
        return {"format": "jsonl"}
    remedy = "write meta.format of what arrives, if that differs"
    draft.doubt(line, f"raw files are written as the server {described.get('server')} says", remedy)
    return {"format": form, **_dialect(described)}


def _dialect(server: Plain) -> Plain:
    delimiter, encoding = server.get("delimiter"), str(server.get("encoding") or "").lower()
    if str(server["format"]).lower() != "csv":
        return {"records": "array"} if delimiter == "array" else {}
    dialect = {
        **({"delimiter": delimiter} if delimiter and len(str(delimiter)) == 1 and delimiter != "," else {}),
        **({"encoding": encoding} if encoding in ENCODINGS[1:] else {}),
    }
    return {"dialect": dialect} if dialect else {}
