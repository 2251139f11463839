"""What a machine's states call besides Glue, as Step Functions calls it: objects of S3, a topic, EventBridge; and short waits.

Knows MiniStack's inside as `glue_adapter` does: `ministack.services.stepfunctions._SERVICE_DISPATCH`, `_prefix_sdk_error` and
`_jsonata_wait_seconds`, `ministack.app.call_service_handler_sync`. It reads no bodies of S3 there, and loses the attributes of
a message to a topic. Errors as AWS names them (Step Functions developer guide, Integrating with the AWS SDK; the classes are
those of the SDK for Java 2): a missing key is `S3.NoSuchKeyException`, with `Status Code: 404` in its
cause.
"""

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from ministack import app
from ministack.services import stepfunctions

from sluice.sandbox.jobs.spark import REGION

Request = dict[str, Any]
LONGEST_WAIT = 4
"""Seconds that a Wait takes at most here: a quarter of an hour is too long to look on, and a telling takes less than one."""
MODELLED_S3_ERRORS = {"NoSuchKey": "NoSuchKeyException", "NoSuchBucket": "NoSuchBucketException"}
LIST_PARAMETERS = {
    "Prefix": "prefix",
    "StartAfter": "start-after",
    "MaxKeys": "max-keys",
    "ContinuationToken": "continuation-token",
}
"""What S3 calls a parameter of a listing in its query (Amazon S3 API reference, ListObjectsV2)."""
_original_publish = stepfunctions._invoke_sns_publish
_original_put_events = stepfunctions._invoke_events_put_events
_original_wait_seconds = stepfunctions._jsonata_wait_seconds


def install_integrations() -> None:
    """Take the places in MiniStack; called once, before it serves."""
    states = "arn:aws:states:::"
    stepfunctions._SERVICE_DISPATCH |= {
        f"{states}aws-sdk:s3:getObject": get_object,
        f"{states}aws-sdk:s3:putObject": put_object,
        f"{states}aws-sdk:s3:listObjectsV2": list_objects,
        f"{states}sns:publish": publish_message,
        f"{states}events:putEvents": put_events,
    }
    stepfunctions._jsonata_wait_seconds = wait_seconds


def get_object(resource: str, request: Request) -> Request:
    """Return `Body`, the object's text.

    Raises:
        _ExecutionError: `S3.NoSuchKeyException`, or another error of S3.
    """
    headers, body = _call_s3("GET", request, {}, b"")
    return {
        "Body": body.decode("utf-8"),
        "ContentType": headers.get("content-type", ""),
        "ETag": headers.get("etag", ""),
    }


def put_object(resource: str, request: Request) -> Request:
    """Put an object; a `Body` that is no text is written as JSON.

    Raises:
        _ExecutionError: `S3.NoSuchBucketException`, or another error of S3.
    """
    body = request.get("Body", "")
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    sent = {"content-type": str(request["ContentType"])} if "ContentType" in request else {}
    headers, _ = _call_s3("PUT", request, sent, text.encode())
    return {"ETag": headers.get("etag", "")}


def list_objects(resource: str, request: Request) -> Request:
    """Return a page of objects: `IsTruncated`, and `Contents` where there are any, typed as the SDK for Java has them.

    Raises:
        _ExecutionError: `S3.NoSuchBucketException`, or another error of S3.
    """
    query = {parameter: str(request[name]) for name, parameter in LIST_PARAMETERS.items() if name in request}
    _, body = _call_s3("GET", request, {}, b"", {"list-type": "2", **query})
    root = ElementTree.fromstring(body)  # noqa: S314  of our own process
    contents = [
        {
            "Key": entry.findtext("{*}Key", ""),
            "LastModified": f"{entry.findtext('{*}LastModified', '')[:19]}Z",
            "ETag": entry.findtext("{*}ETag", ""),
            "Size": int(entry.findtext("{*}Size", "0")),
            "StorageClass": entry.findtext("{*}StorageClass", ""),
        }
        for entry in root.iterfind("{*}Contents")
    ]
    page = {"IsTruncated": root.findtext("{*}IsTruncated") == "true", "KeyCount": len(contents)}
    return page | ({"Contents": contents} if contents else {})


def publish_message(resource: str, request: Request) -> Request:
    """Publish to a topic, with the message's attributes; a `Message` that is no text is sent as JSON.

    Raises:
        _ExecutionError: `SNS.` and what SNS refused.
    """
    entries: Request = {}
    for index, (name, value) in enumerate(request.get("MessageAttributes", {}).items(), 1):
        entry = f"MessageAttributes.entry.{index}"
        entries[f"{entry}.Name"] = name
        entries |= {f"{entry}.Value.{key}": item for key, item in value.items()}
    return _original_publish(resource, request | entries)


def put_events(resource: str, request: Request) -> Request:
    """Put events; a `Detail` that is no text is sent as JSON.

    Raises:
        _ExecutionError: `EventBridge.FailedEntry` where one was refused (Step Functions, Add EventBridge events).
    """
    entries = [
        entry if isinstance(entry.get("Detail"), str) else {**entry, "Detail": json.dumps(entry.get("Detail", {}))}
        for entry in request["Entries"]
    ]
    answer = _original_put_events(resource, request | {"Entries": entries})
    if answer["FailedEntryCount"]:
        raise stepfunctions._ExecutionError("EventBridge.FailedEntry", json.dumps(answer))
    return answer


def wait_seconds(*state: Any) -> float:
    """Return how long a Wait takes here."""
    seconds: Any = _original_wait_seconds(*state)
    return min(seconds, LONGEST_WAIT)


def _call_s3(
    method: str, request: Request, headers: dict[str, str], body: bytes, query: dict[str, str] | None = None
) -> tuple[dict[str, str], bytes]:
    signature = f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/s3/aws4_request"
    call: Callable[..., Any] = app.call_service_handler_sync
    status, answer_headers, answer = call(
        app.SERVICE_HANDLERS["s3"],
        method,
        f"/{request['Bucket']}" + (f"/{request['Key']}" if "Key" in request else ""),
        {"host": f"s3.{REGION}.amazonaws.com", "authorization": signature, **headers},
        body,
        query or {},
    )
    content = answer.encode() if isinstance(answer, str) else bytes(answer or b"")
    if status >= 400:
        raise s3_error(status, content.decode(errors="replace"))
    return {name.lower(): str(value) for name, value in answer_headers.items()}, content


def s3_error(status: int, answer: str) -> Exception:
    """Return the error that a state fails by, from S3's answer in XML."""
    code, message = (answer.partition(f"<{name}>")[2].partition("<")[0] for name in ("Code", "Message"))
    name = MODELLED_S3_ERRORS.get(code, "S3Exception")
    return stepfunctions._ExecutionError(f"S3.{name}", f"{message} (Service: S3, Status Code: {status})")
