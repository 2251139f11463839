"""The job of HEAD as it is: `etl.run`, with everything that it does beside the two suites."""

from contextlib import suppress

from bench.job import Job, ensure_transform
from bench.peers import Variant
from etl.contract.stage import Stage
from etl.errors import ContractBroken
from etl.results.verdict import Verdict
from etl.run import Run, start_session

HOW = "the job of HEAD: both suites, and beside them structure and cast rules, the ledger, keys across days"


def run(job: Job) -> set[str]:
    """Take the day through the gate."""
    ensure_transform(job.output.transform_module)
    verdict = Verdict(job.arguments.dataset, job.arguments.run_id, job.arguments.job, "")
    with suppress(ContractBroken):
        Run(job.arguments, job.aws, verdict).run()
    return {rule.rule for rule in verdict.rules if rule.broken and rule.stage is not Stage.STRUCTURE}


VARIANTS = [Variant("sluice", "Sluice", HOW, run, libraries=start_session, any_rule=True)]
