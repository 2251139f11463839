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

Message = MutableMapping[str, Any]
App = Callable[..., Coroutine[Any, Any, None]]  # ASGI: scope, receive, send
NAMES = ("127.0.0.1", "localhost")
HTTP_PORT = 80  # which a Host does not name
# Signature versions 4 and 2 in a header: `Credential=<access key>/<day>/<region>/<service>/aws4_request`, `AWS <access key>:`.
SIGNED = re.compile(r"AWS4-[A-Z0-9-]+ +(?:.*[ ,])?Credential=(?P<access>[^/,\s]+)/(?:[^,\s]*/(?P<service>[\w-]+)/)?")
SIGNED_BY_2 = re.compile(r"AWS (?P<access>[^:\s]+):")
PRESIGNED = ("x-amz-credential", "awsaccesskeyid")


@dataclass(frozen=True)
class Refusal:
    """Why a request is not answered: the error code in S3's words, in the query protocol's and in JSON's, and a message."""

    s3: str
    query: str
    json: str
    message: str


@dataclass(frozen=True)
class Admission:
    """What a request needs: a `Host` of `hosts`, nothing that only browsers send, and keys that `accepts` knows."""

    hosts: frozenset[str]
    accepts: Callable[[str], bool]

    @classmethod
    def at(cls, port: int, access: str, issued: Callable[[str], bool]) -> "Admission":
        """Admit who calls loopback by `port` under the key `access`, or one that the emulator has issued itself."""
        hosts = {f"{name}:{port}" for name in NAMES} | {name for name in NAMES if port == HTTP_PORT}
        return cls(frozenset(hosts), lambda key: hmac.compare_digest(key.encode(), access.encode()) or issued(key))

    def refusal(self, scope: Message) -> Refusal | None:
        """Return why a request (an ASGI scope) is refused, None where it is admitted."""
        headers = _headers(scope)
        if not {host.lower() for host in headers.get("host", [""])} <= self.hosts:
            return _denied(f"The sandbox is called {' or '.join(sorted(self.hosts))}, and by no other name.")
        if _is_a_browsers(scope, headers):
            return _denied("The sandbox answers no web page.")
        query = {name.lower(): value for name, value in parse_qsl(scope["query_string"].decode("latin-1"))}
        keys = _access_keys(headers, query)
        if not keys:
            return Refusal(
                "AccessDenied", "MissingAuthenticationToken", "MissingAuthenticationTokenException", f"No key. {REMEDY}"
            )
        if not all(map(self.accepts, keys)):
            return Refusal(
                "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException", f"Not its key. {REMEDY}"
            )
        return _denied("Request has expired.") if _is_late(query) else None


REMEDY = "The sandbox takes the keys that `python -m sandbox up` prints as exports, new ones at each start."


def admitting(app: App, admission: Admission) -> App:
    """Return `app` (ASGI), which hears of admitted requests only and allows no other origin to read an answer."""

    async def admitted(scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await app(scope, receive, send)
        if scope["type"] == "websocket":  # nothing here is spoken to that way but by a page
            return await send({"type": "websocket.close"})
        if refusal := admission.refusal(scope):
            return await _answer(scope, send, refusal)

        async def send_without_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [pair for pair in message["headers"] if not pair[0].lower().startswith(b"access-control-")]
                message = {**message, "headers": headers}
            await send(message)

        return await app(scope, receive, send_without_cors)

    return admitted


def _denied(message: str) -> Refusal:
    return Refusal("AccessDenied", "AccessDenied", "AccessDeniedException", message)


def _headers(scope: Message) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return headers


def _is_a_browsers(scope: Message, headers: dict[str, list[str]]) -> bool:
    # "none" is a presigned URL in the address bar: no page has sent that (W3C, Fetch Metadata Request Headers).
    return scope["method"] == "OPTIONS" or "origin" in headers or headers.get("sec-fetch-site", ["none"]) != ["none"]


def _access_keys(headers: dict[str, list[str]], query: dict[str, str]) -> list[str]:
    """Return the access keys that a request names; with one in a header and one in the query, both count."""
    signatures = [SIGNED.match(text) or SIGNED_BY_2.match(text) for text in headers.get("authorization", [])]
    presigned = [query[name].partition("/")[0] for name in PRESIGNED if name in query]
    return [signature["access"] if signature else "" for signature in signatures] + presigned


def _is_late(query: dict[str, str]) -> bool:
    # Signature version 2, which boto3 presigns with here: `Expires` is in seconds since 1970 (Amazon S3, RESTAuthentication).
    expires = query.get("expires", "") if "awsaccesskeyid" in query else ""
    return expires.isdecimal() and int(expires) < time.time()


async def _answer(scope: Message, send: Any, refusal: Refusal) -> None:
    """Answer in the form of the service that was called, so that its SDK shows the error as it shows AWS's."""
    kind, code, text = _in_the_form_of_a_service(_headers(scope), refusal)
    body = b"" if scope["method"] == "HEAD" else text.encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-errortype", code.encode()),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _in_the_form_of_a_service(headers: dict[str, list[str]], refusal: Refusal) -> tuple[str, str, str]:
    content, message = headers.get("content-type", [""])[0], escape(refusal.message)
    signature = SIGNED.match(headers.get("authorization", [""])[0])
    service = (signature and signature["service"]) or "s3"
    if content.startswith("application/x-www-form-urlencoded"):
        error = f"<Error><Type>Sender</Type><Code>{refusal.query}</Code><Message>{message}</Message></Error>"
        return "text/xml", refusal.query, f"<ErrorResponse>{error}</ErrorResponse>"
    if "x-amz-target" in headers or service != "s3":
        body = json.dumps({"__type": refusal.json, "message": refusal.message})
        return "application/json", refusal.json, body
    return "application/xml", refusal.s3, f"<Error><Code>{refusal.s3}</Code><Message>{message}</Message></Error>"
