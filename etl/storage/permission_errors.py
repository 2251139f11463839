"""Which action on which resource was denied: AWS does not always say so, and boto3 names its own method only."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from etl.contract.layout import Places as Siblings
from etl.errors import Denied

CODES = ("AccessDenied", "AccessDeniedException", "403")
CONTEXT = "sluice.asked"
# S3's permissions that are not named as the operation that needs them (Service Authorization Reference, Amazon S3).
ACTIONS = {
    "ListObjectVersions": "ListBucketVersions",
    "ListObjectsV2": "ListBucket",
    "HeadObject": "GetObject",
    "DeleteObjects": "DeleteObject",
}
# Of what Spark does: a Java class in the error's trace, what that class needs, and on which of the run's places.
JAVA = (
    ("aws.s3.S3OutputStream", "s3:PutObject", "location"),
    ("aws.s3.S3InputStream", "s3:GetObject", "location"),
    ("GlueTableOperations.persistGlueTable", "glue:UpdateTable", "table"),
    ("GlueTableOperations", "glue:GetTable", "table"),
    ("fs.s3a.", "s3:ListBucket and s3:GetObject", "raw"),
)
REFUSED = re.compile(r"Status Code: 403|AccessDenied|not authorized to perform")
SAID = re.compile(r"User: .* is not authorized to perform: [^\n]*")


def name_it(client: Any) -> Any:
    """Let a client's errors that say no more than denied name the action and the resource; return the client."""
    client.meta.events.register("provide-client-params", _remember)
    client.meta.events.register("after-call", partial(_tell, client.meta.partition))
    return client


def _remember(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[CONTEXT] = params


def _tell(partition: str, parsed: dict[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
    error = parsed.get("Error", {})
    if error.get("Code") in CODES and "not authorized to perform" not in error.get("Message", ""):
        service = model.service_model.signing_name.replace("monitoring", "cloudwatch")
        asked = context.get(CONTEXT, {})
        needed = f"{service}:{_action(model.name, asked)} on {_resource(asked, partition)}"
        error["Message"] = f"{error.get('Message', '')} (needs {needed})"


def _action(operation: str, asked: Mapping[str, Any]) -> str:
    versioned = "Version" if operation == "GetObject" and "VersionId" in asked else ""
    return ACTIONS.get(operation, operation) + versioned


def _resource(asked: Mapping[str, Any], partition: str) -> str:
    if "Bucket" in asked:
        bucket = f"arn:{partition}:s3:::{asked['Bucket']}"
        return "/".join((bucket, *filter(None, [asked.get("Key", asked.get("Prefix"))])))
    named = [str(value) for name, value in asked.items() if name in ("DatabaseName", "Name", "JobName", "Namespace")]
    return ".".join(named) or "*"


class Places(Protocol):
    """The places of a job: a run's, or a maintenance's."""

    @property
    def dataset(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def places(self) -> Siblings: ...


@contextmanager
def explained(order: Places, raw: str) -> Iterator[None]:
    """Let an error of Spark's that comes from a missing permission say which; `raw` is where Spark reads files, a URI.

    Raises:
        Denied: in place of that error; it names the action and the resource.
    """
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        trace = f"{error}\n{getattr(error, '_stackTrace', '')}"
        found = REFUSED.search(trace) and next((one for one in JAVA if one[0] in trace), None)
        if not found:
            raise
        _, action, place = found
        where = {"location": order.location, "table": order.table, "raw": raw}[place]
        said = SAID.search(trace)
        # Spark does not say which of the two it was about.
        too = f", there and on {order.places.quarantine}" if place == "location" else ""
        raise Denied(
            f"{order.dataset}: {action} on {where} was denied, nothing was published; give it to the job's role{too}"
            + (f" ({said[0]})" if said else "")
        ) from error
