"""Where a message leads: pages of AWS's console that open for whoever may see them, and the runbook's heading.

No link has an ampersand, which chat programs write in different ways. A console's address is of one region.
"""

from dataclasses import dataclass
from urllib.parse import quote

from etl.messages.run_facts import RunFacts, pages_prefix
from etl.runtime.job_runs import run_page

RUNBOOK = "runbook.md"


@dataclass(frozen=True)
class Link:
    """A page: what it is called, and where it is."""

    label: str
    target: str


def run_links(facts: RunFacts, heading: str) -> list[Link]:
    """Return the pages of a run: in the console, its verdict, its Data Docs where there are any, the runbook's heading."""
    arguments, region = facts.arguments, facts.region
    bucket = arguments.verdicts.bucket
    pages = [f"{pages_prefix(facts.dataset, facts.verdict.run_id)}{stage}.html" for stage in _judged_stages(facts)]
    return [
        Link("Run", run_page(console_address(region), region, arguments.job, facts.verdict.run_id)),
        Link("Verdict", object_page(region, bucket, arguments.verdict_key)),
        *(Link("Data Docs", object_page(region, bucket, page)) for page in pages[-1:]),
        runbook_link(arguments.docs_url, heading),
    ]


def runbook_link(docs_url: str, heading: str) -> Link:
    """Return the runbook's heading below the address of the pages; without one, where it stands in the repository."""
    return Link("Runbook", f"{docs_url.rstrip('/') or 'docs'}/{RUNBOOK}#{heading}")


def object_page(region: str, bucket: str, key: str) -> str:
    """Return the console's page of an object, which opens and downloads it."""
    return f"{console_address(region)}/s3/object/{bucket}?prefix={quote(key)}"


def console_address(region: str) -> str:
    """Return where the console of a region is (AWS General Reference: AWS, China and GovCloud partitions)."""
    if region.startswith("cn-"):
        return f"https://{region}.console.amazonaws.cn"
    if region.startswith("us-gov-"):
        return f"https://{region}.console.amazonaws-us-gov.com"
    return f"https://{region}.console.aws.amazon.com"


def _judged_stages(facts: RunFacts) -> list[str]:
    """Return the stages that have a page; one that broke a rule comes last."""
    if not facts.verdict.data_docs:
        return []
    judged = {result.stage for result in facts.verdict.rules if result.evaluated}
    broken = {result.stage for result in facts.verdict.violations}
    stages = [str(contract.stage) for contract in facts.contracts if contract.stage in judged]
    return sorted(stages, key=lambda stage: stage in broken)
