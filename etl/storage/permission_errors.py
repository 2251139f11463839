"""Which action on which resource was denied: AWS does not always say so, and boto3 names its own method only."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

from botocore.client import BaseClient
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from etl.contract.layout import DatasetLocations as Siblings
from etl.errors import Denied

Client = TypeVar("Client", bound=BaseClient)
DENIED_CODES = ("AccessDenied", "AccessDeniedException", "403")
CONTEXT = "sluice.asked"
# S3's permissions that are not named as the operation that needs them (Service Authorization Reference, Amazon S3).
ACTIONS = {
    "ListObjectVersions": "ListBucketVersions",
    "ListObjectsV2": "ListBucket",
    "HeadObject": "GetObject",
    "DeleteObjects": "DeleteObject",
}
# Of what Spark does: a Java class in the error's trace, what that class needs, and on which of the run's places.
JAVA_ACTIONS = (
    ("aws.s3.S3OutputStream", "s3:PutObject", "location"),
    ("aws.s3.S3InputStream", "s3:GetObject", "location"),
    ("GlueTableOperations.persistGlueTable", "glue:UpdateTable", "table"),
    ("GlueTableOperations", "glue:GetTable", "table"),
    ("fs.s3a.", "s3:ListBucket and s3:GetObject", "raw"),
)
REFUSED = re.compile(r"Status Code: 403|AccessDenied|not authorized to perform")
DENIED_MESSAGE = re.compile(r"User: .* is not authorized to perform: [^\n]*")


def explain_denials(client: Client) -> Client:
    """Let a client's errors that say no more than denied name the action and the resource; return the client."""
    client.meta.events.register("provide-client-params", _remember_parameters)
    client.meta.events.register("after-call", partial(_name_denied_action, client.meta.partition))
    return client


def _remember_parameters(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[CONTEXT] = params


def _name_denied_action(
    partition: str, parsed: dict[str, Any], model: Any, context: Mapping[str, Any], **_: Any
) -> None:
    error = parsed.get("Error", {})
    if error.get("Code") in DENIED_CODES and "not authorized to perform" not in error.get("Message", ""):
        service = model.service_model.signing_name.replace("monitoring", "cloudwatch")
        parameters = context.get(CONTEXT, {})
        needed = f"{service}:{_action_name(model.name, parameters)} on {_resource_name(parameters, partition)}"
        error["Message"] = f"{error.get('Message', '')} (needs {needed})"


def _action_name(operation: str, parameters: Mapping[str, Any]) -> str:
    versioned = "Version" if operation == "GetObject" and "VersionId" in parameters else ""
    return ACTIONS.get(operation, operation) + versioned


def _resource_name(parameters: Mapping[str, Any], partition: str) -> str:
    if "Bucket" in parameters:
        bucket = f"arn:{partition}:s3:::{parameters['Bucket']}"
        return "/".join((bucket, *filter(None, [parameters.get("Key", parameters.get("Prefix"))])))
    identifiers = [
        str(value) for name, value in parameters.items() if name in ("DatabaseName", "Name", "JobName", "Namespace")
    ]
    return ".".join(identifiers) or "*"


class JobLocations(Protocol):
    """The places of a job: a run's, or a maintenance's."""

    @property
    def dataset(self) -> str:
        """The dataset's name."""
        ...

    @property
    def table(self) -> str:
        """The published table, catalog.database.table."""
        ...

    @property
    def location(self) -> str:
        """The table's S3 URI."""
        ...

    @property
    def places(self) -> Siblings:
        """Where what belongs to the table lies."""
        ...


@contextmanager
def explain_spark_denials(arguments: JobLocations, raw: str) -> Iterator[None]:
    """Let an error of Spark's that comes from a missing permission say which; `raw` is where Spark reads files, a URI.

    Raises:
        Denied: in place of that error; it names the action and the resource.
    """
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        trace = f"{error}\n{getattr(error, '_stackTrace', '')}"
        java_action = REFUSED.search(trace) and next(
            (candidate for candidate in JAVA_ACTIONS if candidate[0] in trace), None
        )
        if not java_action:
            raise
        _, action, place_name = java_action
        where = {"location": arguments.location, "table": arguments.table, "raw": raw}[place_name]
        aws_message = DENIED_MESSAGE.search(trace)
        # Spark does not say which of the two it was about.
        also_on = f", there and on {arguments.places.quarantine}" if place_name == "location" else ""
        raise Denied(
            f"{arguments.dataset}: {action} on {where} was denied, nothing was published; give it to the job's role{also_on}"
            + (f" ({aws_message[0]})" if aws_message else "")
        ) from error
