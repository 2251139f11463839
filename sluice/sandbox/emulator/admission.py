"""Whom the sandbox answers: a program that holds its keys and calls it by its own address, never a web page.

A page can make its reader's browser send requests to this machine: forms and images without asking, more after a CORS
preflight, anything under a host name of its own that it points here (DNS rebinding). It cannot do without `Origin` or
`Host`, and it does not know the keys. The access key id has 128 random bits, so that knowing it counts; signatures in
headers are not recomputed. MiniStack itself verifies those of presigned S3 requests of version 4, and when they expire.
"""

import hmac
import json
import re
import time
from collections.abc import Callable, Coroutine, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

AsgiMessage = MutableMapping[str, Any]
AsgiApp = Callable[..., Coroutine[Any, Any, None]]  # ASGI: scope, receive, send
LOOPBACK_NAMES = ("127.0.0.1", "localhost")
HTTP_PORT = 80  # which a Host does not name
# Signature versions 4 and 2 in a header: `Credential=<access key>/<day>/<region>/<service>/aws4_request`, `AWS <access key>:`.
SIGV4_HEADER = re.compile(
    r"AWS4-[A-Z0-9-]+ +(?:.*[ ,])?Credential=(?P<access>[^/,\s]+)/(?:[^,\s]*/(?P<service>[\w-]+)/)?"
)
SIGV2_HEADER = re.compile(r"AWS (?P<access>[^:\s]+):")
PRESIGNED_KEY_PARAMETERS = ("x-amz-credential", "awsaccesskeyid")


@dataclass(frozen=True)
class Refusal:
    """Why a request is not answered: the error code in S3's words, in the query protocol's and in JSON's, and a message."""

    s3_code: str
    query_code: str
    json_code: str
    message: str


@dataclass(frozen=True)
class Admission:
    """What a request needs: a `Host` of `hosts`, nothing that only browsers send, and keys that `accepts_key` knows."""

    hosts: frozenset[str]
    accepts_key: Callable[[str], bool]

    @classmethod
    def for_port(cls, port: int, access_key: str, is_issued_key: Callable[[str], bool]) -> "Admission":
        """Admit who calls loopback by `port` under the key `access_key`, or one that the emulator has issued itself."""
        hosts = {f"{name}:{port}" for name in LOOPBACK_NAMES} | {name for name in LOOPBACK_NAMES if port == HTTP_PORT}
        return cls(
            frozenset(hosts), lambda key: hmac.compare_digest(key.encode(), access_key.encode()) or is_issued_key(key)
        )

    def find_refusal(self, scope: AsgiMessage) -> Refusal | None:
        """Return why a request (an ASGI scope) is refused, None where it is admitted."""
        headers = _parse_headers(scope)
        if not {host.lower() for host in headers.get("host", [""])} <= self.hosts:
            return _access_denied(f"The sandbox is called {' or '.join(sorted(self.hosts))}, and by no other name.")
        if _comes_from_browser(scope, headers):
            return _access_denied("The sandbox answers no web page.")
        query = {name.lower(): value for name, value in parse_qsl(scope["query_string"].decode("latin-1"))}
        keys = _access_keys(headers, query)
        if not keys:
            return Refusal(
                "AccessDenied", "MissingAuthenticationToken", "MissingAuthenticationTokenException", f"No key. {REMEDY}"
            )
        if not all(map(self.accepts_key, keys)):
            return Refusal(
                "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException", f"Not its key. {REMEDY}"
            )
        return _access_denied("Request has expired.") if _has_expired(query) else None


REMEDY = "The sandbox takes the keys that `sluice up` prints as exports, new ones at each start."


def with_admission(app: AsgiApp, admission: Admission) -> AsgiApp:
    """Return `app` (ASGI), which hears of admitted requests only and allows no other origin to read an answer."""

    async def admitted_app(scope: AsgiMessage, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await app(scope, receive, send)
        if scope["type"] == "websocket":  # nothing here is spoken to that way but by a page
            return await send({"type": "websocket.close"})
        if refusal := admission.find_refusal(scope):
            return await _send_refusal(scope, send, refusal)

        async def send_without_cors(message: AsgiMessage) -> None:
            if message["type"] == "http.response.start":
                headers = [pair for pair in message["headers"] if not pair[0].lower().startswith(b"access-control-")]
                message = {**message, "headers": headers}
            await send(message)

        return await app(scope, receive, send_without_cors)

    return admitted_app


def _access_denied(message: str) -> Refusal:
    return Refusal("AccessDenied", "AccessDenied", "AccessDeniedException", message)


def _parse_headers(scope: AsgiMessage) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return headers


def _comes_from_browser(scope: AsgiMessage, headers: dict[str, list[str]]) -> bool:
    # "none" is a presigned URL in the address bar: no page has sent that (W3C, Fetch Metadata Request Headers).
    return scope["method"] == "OPTIONS" or "origin" in headers or headers.get("sec-fetch-site", ["none"]) != ["none"]


def _access_keys(headers: dict[str, list[str]], query: dict[str, str]) -> list[str]:
    """Return the access keys that a request names; with one in a header and one in the query, both count."""
    signatures = [SIGV4_HEADER.match(text) or SIGV2_HEADER.match(text) for text in headers.get("authorization", [])]
    presigned = [query[name].partition("/")[0] for name in PRESIGNED_KEY_PARAMETERS if name in query]
    return [signature["access"] if signature else "" for signature in signatures] + presigned


def _has_expired(query: dict[str, str]) -> bool:
    # Signature version 2, which boto3 presigns with here: `Expires` is in seconds since 1970 (Amazon S3, RESTAuthentication).
    expires = query.get("expires", "") if "awsaccesskeyid" in query else ""
    return expires.isdecimal() and int(expires) < time.time()


async def _send_refusal(scope: AsgiMessage, send: Any, refusal: Refusal) -> None:
    """Answer in the form of the service that was called, so that its SDK shows the error as it shows AWS's."""
    content_type, code, text = _render_refusal(_parse_headers(scope), refusal)
    body = b"" if scope["method"] == "HEAD" else text.encode()
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-errortype", code.encode()),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _render_refusal(headers: dict[str, list[str]], refusal: Refusal) -> tuple[str, str, str]:
    content_type, message = headers.get("content-type", [""])[0], escape(refusal.message)
    signature = SIGV4_HEADER.match(headers.get("authorization", [""])[0])
    service = (signature and signature["service"]) or "s3"
    if content_type.startswith("application/x-www-form-urlencoded"):
        error = f"<Error><Type>Sender</Type><Code>{refusal.query_code}</Code><Message>{message}</Message></Error>"
        return "text/xml", refusal.query_code, f"<ErrorResponse>{error}</ErrorResponse>"
    if "x-amz-target" in headers or service != "s3":
        body = json.dumps({"__type": refusal.json_code, "message": refusal.message})
        return "application/json", refusal.json_code, body
    return (
        "application/xml",
        refusal.s3_code,
        f"<Error><Code>{refusal.s3_code}</Code><Message>{message}</Message></Error>",
    )
