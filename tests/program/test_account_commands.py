"""Commands that need an account, the Pulumi CLI or GitHub: their words are taken by the programs' own parsers."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from components.settings.lake_folder import ROOT
from tests.fences import PAGES, Fence, Hold, fences_of
from tests.program.page_parsers import Words, fault_of_words
from tests.program.page_shell import recorded_calls

ENVIRONMENTS = (ROOT, Path(sys.prefix).resolve().parent)
"""Where set-up made the environments: a copy of the tree that a test makes has only a link to them."""
HELD = [page for page in PAGES if fences_of(page, Hold.ACCOUNT, Hold.SESSION)]


def aws_faults(commands: Sequence[Words], folder: Path) -> list[str]:
    """Return what the AWS CLI's parser says of the words behind `aws`, "" where it takes them."""
    pythons = [folder / ".awscli/bin/python" for folder in ENVIRONMENTS]
    python = next(filter(Path.exists, pythons), None)
    assert python, "the AWS CLI's environment is missing: run make .awscli/.ready"
    program = [python, ROOT / "tests/program/aws_words.py"]
    judged = subprocess.run(
        program, input=json.dumps(commands), capture_output=True, text=True, cwd=folder, check=False
    )
    assert judged.returncode == 0, judged.stderr
    return json.loads(judged.stdout)


def faults_of(fences: Sequence[Fence], folder: Path) -> list[str]:
    """Return what is wrong with the commands of blocks: bash's own words, or those of the program that was called."""
    run, calls = recorded_calls(fences, folder)
    faults = [f"bash: {run.written[-500:]}"] if run.code else []
    ours = [call for call in calls if call[0] != "aws"]
    theirs = [call for call in calls if call[0] == "aws"]
    judged = zip(theirs, aws_faults([call[1:] for call in theirs], folder), strict=True) if theirs else ()
    judged_calls = [*((call, fault_of_words(call)) for call in ours), *judged]
    return [*faults, *(f"{' '.join(call)}: {fault}" for call, fault in judged_calls if fault)]


def test_every_command_that_needs_an_account_is_one(tmp_path: Path) -> None:
    """All pages in one go, each in a bash of its own: the AWS CLI takes a second to start."""
    assert len(HELD) > 5
    calls, faults = list[list[str]](), list[str]()
    for page in HELD:
        run, of_page = recorded_calls(fences_of(page, Hold.ACCOUNT, Hold.SESSION), tmp_path)
        faults += [f"{page}: bash: {run.written[-500:]}"] if run.code else []
        calls += of_page
    assert len(calls) > 40
    theirs = [call for call in calls if call[0] == "aws"]
    assert len(theirs) > 20
    judged = zip(theirs, aws_faults([call[1:] for call in theirs], tmp_path), strict=True)
    judged_calls = [*((call, fault_of_words(call)) for call in calls if call[0] != "aws"), *judged]
    assert [*faults, *(f"{' '.join(call)}: {fault}" for call, fault in judged_calls if fault)] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("pulumi upp --stack prod", "pulumi has no command upp"),
        ("pulumi up --stak prod", "no option --stak"),
        ("pulumi stack rm prod --yes --remove-backup", "no option --remove-backup"),
        ("pulumi destroy --exclude-protected --stack prod", ""),
        ("gh workflow stop up.yml", "no command that is known of gh"),
        ("gh api repos/a/b --jg .id", "no option --jg"),
        ("git comit --quiet", "git has no command comit"),
        ("git commit --quit", "no option --quit"),
        ("make preveiw STACK=prod", "the Makefile has no preveiw"),
        ("make preview STAK=prod", "the Makefile has no STAK"),
        ("sluice strat", "there is no command 'strat'; did you mean 'start'"),
        ("for a in 1 2; do\n  aws s3 lss $a", "bash: "),
        ("terraform plan", "bash: "),
    ],
)
def test_a_command_that_a_program_does_not_have_is_noticed(text: str, fault: str, tmp_path: Path) -> None:
    faults = faults_of([Fence("page.md", 1, "sh account", text + "\n")], tmp_path)
    assert [fault in message for message in faults] == ([True] if fault else [])


def test_the_aws_clis_own_parser_notices_words_options_values_and_queries(tmp_path: Path) -> None:
    wrong = {
        "aws glue get-job-runss": "Invalid choice",
        "aws glue get-job-runs --job-name a --max-result-s 3": "Unknown options",
        "aws glue get-job-runs": "required: --job-name",
        "aws s3 lss": "Invalid choice",
        "aws s3 cp a s3://b/c --recursively": "Unknown options",
        "aws cloudwatch set-alarm-state --alarm-name a --state-value ALARMED --state-reason drill": "is none of OK",
        "aws sts get-caller-identity --query 'Account['": "Bad value for --query",
        """aws events put-events --entries '[{"Sourc": "a"}]'""": "Unknown parameter",
        "aws glue batch-stop-job-run --job-name a": "required: --job-run-ids",
    }
    right = ["aws s3 ls s3://a/", "aws iam create-policy --policy-name a --policy-document file://a.json"]
    fences = [Fence("page.md", 1, "sh account", "\n".join([*wrong, *right]) + "\n")]
    faults = faults_of(fences, tmp_path)
    assert len(faults) == len(wrong)
    assert [fault for words, fault in zip(wrong.values(), faults, strict=True) if words not in fault] == []
