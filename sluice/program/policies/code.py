"""Policies on jobs and the code they run."""

import hashlib
import re
from collections.abc import Iterator

from sluice.program.graph import ROOT, Graph
from sluice.program.policies.policy import nested_value, register_policy

JOB, OBJECT = "aws:glue/job:Job", "aws:s3/bucketObjectv2:BucketObjectv2"
ACCOUNT_WIDE = (
    "aws:glue/dataCatalogEncryptionSettings:",
    "aws:glue/resourcePolicy:",
    "aws:s3/accountPublicAccessBlock:",
)


@register_policy(
    "job.pinned", "a job runs on Glue 6.0, which is supported and does not drift", "AWS Security Hub, Glue.4"
)
def check_glue_version(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `job.pinned`."""
    for job in graph.nodes_of_type(JOB):
        if job.inputs.get("glueVersion") != "6.0":
            yield f"{job.name} runs on Glue {job.inputs.get('glueVersion')}"


@register_policy(
    "job.bounded",
    "a job has a timeout and a delay to tell of, one run at a time and no retries",
    "AWS Glue, Job properties; the default timeout is 8 hours",
)
def check_bounds(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `job.bounded`."""
    for job in graph.nodes_of_type(JOB):
        notify_after = nested_value(job.inputs, "notificationProperty", "notifyDelayAfter")
        if not notify_after or not job.inputs.get("timeout") or notify_after >= job.inputs["timeout"]:
            yield f"{job.name} has timeout {job.inputs.get('timeout')} and tells after {notify_after}"
        if nested_value(job.inputs, "executionProperty", "maxConcurrentRuns") != 1 or job.inputs.get("maxRetries") != 0:
            yield f"{job.name} runs beside itself or retries"


@register_policy(
    "job.offline",
    "a job installs from the bundle in assets, never from a live index",
    "AWS Glue, Python libraries: --python-modules-installer-option --no-index",
)
def check_offline_install(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `job.offline`."""
    for job in graph.nodes_of_type(JOB):
        arguments = job.inputs["defaultArguments"]
        wheels = arguments.get("--additional-python-modules", "")
        if not re.fullmatch(r"s3://[^/,]+/code/wheels2-[0-9a-f]{16}\.gluewheels\.zip", wheels):
            yield f"{job.name} installs {wheels}"
        if arguments.get("--python-modules-installer-option") != "--no-index":
            yield f"{job.name} may ask a live index"


@register_policy(
    "job.observed",
    "a job puts metrics and observability metrics and logs continuously",
    "AWS Glue, Monitoring with observability metrics: glue.error.ALL exists only then",
)
def check_metrics(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `job.observed`."""
    arguments = ("--enable-metrics", "--enable-observability-metrics", "--enable-continuous-cloudwatch-log")
    for job in graph.nodes_of_type(JOB):
        yield from (f"{job.name} lacks {key}" for key in arguments if job.inputs["defaultArguments"].get(key) != "true")


@register_policy(
    "code.kept",
    "code and contracts are objects whose key carries their content's hash, and stay when replaced",
    "Sluice: a run in progress and a rollback find what they began with",
)
def check_code_kept(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `code.kept`."""
    objects = [
        code_object
        for code_object in graph.nodes_of_type(OBJECT)
        if code_object.inputs["key"].startswith(("code/", "contracts/"))
    ]
    if not objects:
        yield "there is no code"
    for code_object in objects:
        if not code_object.retain:
            yield f"{code_object.name} goes when its key changes"
        if expected_hash(code_object.inputs) not in code_object.inputs["key"]:
            yield f"{code_object.name} has the key {code_object.inputs['key']}, which is not its content's"


def expected_hash(inputs: dict) -> str:
    """Return the hash of an uploaded object's content, which its key has to carry."""
    if "content" in inputs:
        content = inputs["content"].encode()
    elif "gluewheels" in inputs["key"]:
        content = (ROOT / "requirements-glue.txt").read_bytes()
    else:
        content = (ROOT / inputs["source"].path).read_bytes()
    return hashlib.sha256(content).hexdigest()[:16]


@register_policy(
    "account.untouched",
    "nothing is declared that an account has only one of",
    "AWS Glue API, PutDataCatalogEncryptionSettings; Amazon S3 API, PutPublicAccessBlock of an account",
)
def check_account_untouched(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `account.untouched`."""
    yield from (f"{node.name} is a {node.type}" for node in graph.nodes.values() if node.type.startswith(ACCOUNT_WIDE))
