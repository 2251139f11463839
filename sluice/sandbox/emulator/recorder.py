"""What a run really asked of AWS: each request that the emulator got under the keys of a role, kept as plain data."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree as ET

from sluice.program.request_permissions import Request
from sluice.sandbox.emulator.admission import App, Message
from sluice.sandbox.emulator.emulator import Emulator

FILE = "requests.jsonl"
KEY_FILE = "access-key"
# SigV4: Credential=<access key>/<day>/<region>/<service>/aws4_request; the keys of a role begin with ASIA.
OF_A_ROLE = re.compile(r"Credential=(ASIA\w+)/\d+/[\w-]+/([\w-]+)/")


def recording(app: App, home: Path) -> App:
    """Return `app` (ASGI), writing a line for each request under a role's keys into `home`."""

    async def recorded(scope: Message, receive: Any, send: Any) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
        signed = OF_A_ROLE.search(headers.get("authorization", ""))
        if signed is None:
            return await app(scope, receive, send)
        access, service = signed.groups()
        chunks, status = [], [0]

        async def tapped_receive() -> Message:
            message = await receive()
            if service != "s3" or scope["method"] == "POST":  # an object's bytes are of no interest
                chunks.append(message.get("body", b""))
            return message

        async def tapped_send(message: Message) -> None:
            status[0] = message.get("status", status[0])
            await send(message)

        await app(scope, tapped_receive, tapped_send)
        request = _request(service, scope, headers, b"".join(chunks)) | {"status": status[0]}
        with (home / FILE).open("a") as file:
            file.write(json.dumps({"access": access, **request}, default=str) + "\n")
        return None

    return recorded


def requests(emulator: Emulator, run_id: str) -> list[Request]:
    """Return what the run `run_id` asked for, its launch under the job's role included, in order."""
    access = (emulator.run_log(run_id).parent / KEY_FILE).read_text()
    lines = (emulator.home / FILE).read_text().splitlines()
    records = [json.loads(line) for line in lines]
    return [Request(**record) for record in records if record.pop("access") == access]


def _request(service: str, scope: Message, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    path = unquote(scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0])
    if service == "s3":
        bucket, _, key = path.removeprefix("/").partition("/")
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        keys = {"Keys": _keys(body)} if "delete" in query else {}
        copied = unquote(headers.get("x-amz-copy-source", ""))
        named = {"bucket": bucket, "key": key, "query": query, "copied": copied, "body": keys}
    else:
        named = _operation(headers, body)
    return {"service": service, "method": scope["method"], **named}


def _operation(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    if target := headers.get("x-amz-target"):
        return {"operation": target.rpartition(".")[2], "body": json.loads(body or b"{}")}
    form = dict(parse_qsl(body.decode()))
    return {"operation": form.pop("Action"), "body": form}


def _keys(body: bytes) -> list[str]:
    tree = ET.fromstring(body)  # noqa: S314  what our own job sent
    return [node.text or "" for node in tree.iter() if node.tag.rpartition("}")[2] == "Key"]
