"""What a run really asked of AWS: each request that the emulator got under the keys of a role, kept as plain data."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree as ET

from sluice.program.request_permissions import AwsRequest
from sluice.sandbox.emulator.admission import AsgiApp, AsgiMessage
from sluice.sandbox.emulator.emulator import Emulator

REQUESTS_FILE = "requests.jsonl"
KEY_FILE = "access-key"
# SigV4: Credential=<access key>/<day>/<region>/<service>/aws4_request; the keys of a role begin with ASIA.
ROLE_CREDENTIAL = re.compile(r"Credential=(ASIA\w+)/\d+/[\w-]+/([\w-]+)/")


def with_recording(app: AsgiApp, home: Path) -> AsgiApp:
    """Return `app` (ASGI), writing a line for each request under a role's keys into `home`."""

    async def recorded_app(scope: AsgiMessage, receive: Any, send: Any) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
        signature = ROLE_CREDENTIAL.search(headers.get("authorization", ""))
        if signature is None:
            return await app(scope, receive, send)
        access_key, service = signature.groups()
        chunks, status = [], [0]

        async def tapped_receive() -> AsgiMessage:
            message = await receive()
            if service != "s3" or scope["method"] == "POST":  # an object's bytes are of no interest
                chunks.append(message.get("body", b""))
            return message

        async def tapped_send(message: AsgiMessage) -> None:
            status[0] = message.get("status", status[0])
            await send(message)

        await app(scope, tapped_receive, tapped_send)
        request = _describe_request(service, scope, headers, b"".join(chunks)) | {"status": status[0]}
        with (home / REQUESTS_FILE).open("a") as file:
            file.write(json.dumps({"access": access_key, **request}, default=str) + "\n")
        return None

    return recorded_app


def recorded_requests(emulator: Emulator, run_id: str) -> list[AwsRequest]:
    """Return what the run `run_id` asked for, its launch under the job's role included, in order."""
    access_key = (emulator.run_log(run_id).parent / KEY_FILE).read_text()
    lines = (emulator.home / REQUESTS_FILE).read_text().splitlines()
    records = [json.loads(line) for line in lines]
    return [AwsRequest(**record) for record in records if record.pop("access") == access_key]


def _describe_request(service: str, scope: AsgiMessage, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    path = unquote(scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0])
    if service == "s3":
        bucket, _, key = path.removeprefix("/").partition("/")
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        keys = _deleted_keys(body) if "delete" in query else {}
        beside = {"copied": unquote(headers.get("x-amz-copy-source", "")), "tagged": "x-amz-tagging" in headers}
        details = {"bucket": bucket, "key": key, "query": query, **beside, "body": keys}
    else:
        details = _describe_operation(headers, body)
    return {"service": service, "method": scope["method"], **details}


def _describe_operation(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    if target := headers.get("x-amz-target"):
        return {"operation": target.rpartition(".")[2], "body": json.loads(body or b"{}")}
    form = dict(parse_qsl(body.decode()))
    return {"operation": form.pop("Action"), "body": form}


def _deleted_keys(body: bytes) -> dict[str, list[str]]:
    tree = ET.fromstring(body)  # noqa: S314  what our own job sent
    keys: dict[str, list[str]] = {"Keys": [], "VersionedKeys": []}
    for node in tree:
        parts = {part.tag.rpartition("}")[2]: part.text or "" for part in node}
        if "Key" in parts:
            keys["VersionedKeys" if "VersionId" in parts else "Keys"].append(parts["Key"])
    return keys
