"""What is said of a run that left no message of its own: it was killed, ran out of time or never started."""

from components.names import Names
from components.orchestration.message_words import TODAY, Words, message_expression, runbook_link


def crash_words(names: Names, job: str, verdicts: str, dataset: str, owner: str, docs_url: str) -> str:  # noqa: PLR0913  each is a part of what is said
    """Return the JSONata of the message; all but `names` and `docs_url` are JSONata.

    It reads `run`, `state` and `error` of the state's input. `verdicts` is the URI that a run's id is put after.
    """
    run = "$states.input.run"
    return message_expression(
        Words(
            kind="bad",
            severity="critical",
            title=f"'{names.resource_name()}: ' & {dataset} & ' is bad on ' & {TODAY} & "
            "($started ? ': the run ended ' : ': no run started, ') & $state",
            quoted="$states.input.error",
            lines=(
                "'Readers see what was published before.'",
                f"'Owner: ' & {owner} & '.'",
                f"$started ? 'Verdict, where the run came to write it: ' & {verdicts} & {run} & '.json' "
                f": 'Latest verdict: ' & {verdicts} & 'latest.json'",
                f"$started ? 'Run: ' & {run_page(names, job, run)} : 'Job: ' & {job}",
                f"'Runbook: ' & ($started ? '{runbook_link(docs_url, 'failed')}' : '{runbook_link(docs_url, 'flow-failed')}')",
            ),
            steps=(
                "'Read why: the error above, and the log of the run.'",
                f"'Then run it again: sluice start ' & {dataset} & ' --stack {names.stack}'",
            ),
            dataset=dataset,
            owner=owner,
            run=run,
            setup=(
                f"$started := $substring({run}, 0, 3) = 'jr_'",
                "$state := $states.input.state",
            ),
        )
    )


def run_page(names: Names, job: str, run: str) -> str:
    """Return the JSONata of where the console shows a run; `job` and `run` are JSONata."""
    return f"('{console_address(names)}/gluestudio/home?region={names.region}#/job/' & {job} & '/run/' & {run})"


def console_address(names: Names) -> str:
    """Return where the console of the region is (AWS General Reference: AWS, China and GovCloud partitions)."""
    hosts = {"aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}
    return f"https://{names.region}.console.{hosts.get(names.partition, 'aws.amazon.com')}"
