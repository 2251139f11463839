"""What the watch says of what is no run's own message: alarms, late runs, maintenance, and a flow that broke."""

from components.access.message_policies import DUE
from components.compute.forget import LATE_MINUTES
from components.names import FORGET, Names
from components.orchestration.message_words import TODAY, Words, message_expression, runbook_link
from components.orchestration.run_words import run_page

FACTS = "$facts"
DATASET, OWNER = f"{FACTS}.dataset", f"{FACTS}.owner"
DETAIL = "$states.input.event.detail"


def alarm_words(names: Names, label: str, docs_url: str) -> str:
    """Return the JSONata of what the watch goes on with after an alarm `label`: of a dataset, or of the stack."""
    if label == "missing":
        title = f"{DATASET} & ' never came: no run has succeeded for ' & {FACTS}.hours & ' hours'"
        steps = (
            "'See whether its start is active and how the last run ended: sluice status'",
            f"'Start it by hand: sluice start ' & {DATASET} & ' --stack {names.stack}'",
        )
        return _dataset_words(names, "never_came", label, title, steps, docs_url, _of_alarm(names, label))
    if label == "stale":
        title = f"{DATASET} & ' is stale: runs succeed, nothing new was published for ' & {FACTS}.hours & ' hours'"
        steps = ("'Ask the source for its files. Nothing is wrong with the runs.'",)
        return _dataset_words(names, "stale", label, title, steps, docs_url, _of_alarm(names, label))
    queue, watch = names.resource_name("undelivered"), names.resource_name("watch")
    if label == "undelivered":
        title = f"'{names.resource_name()}: an event, a start or a message did not reach its target'"
        steps = (f"'Read the messages of the queue {queue}: each says what its target answered.'",)
        return _stack_words(names, "undelivered", label, title, steps, docs_url)
    title = f"'{names.resource_name()}: a message could not be told'"
    steps = (f"'Read the failed executions of the state machine {watch}: each names the message by its key.'",)
    return _stack_words(names, "watch_failed", label, title, steps, docs_url)


def late_words(names: Names, docs_url: str) -> str:
    """Return the JSONata for a run that takes longer than `notify_after`; it may be one of maintenance."""
    title = f"{DATASET} & ' is late: a run takes longer than ' & {FACTS}.late_minutes & ' minutes'"
    page = run_page(names, f"{DETAIL}.jobName", f"{DETAIL}.jobRunId")
    steps = (f"'Look at the run: ' & {page}", "'It goes on. Wait, or stop it there.'")
    return _dataset_words(names, "late", "late", title, steps, docs_url, _of_job(names), severity="warning")


def maintenance_words(names: Names, docs_url: str) -> str:
    """Return the JSONata for a maintenance that failed: no row is touched by that."""
    title = f"{DATASET} & ': maintenance ended ' & {DETAIL}.state"
    steps = ("'Read its error above. Tables stay as they are, and grow until it succeeds.'",)
    return _dataset_words(
        names,
        "maintenance_failed",
        "failed",
        title,
        steps,
        docs_url,
        _of_job(names),
        f"$string({DETAIL}.message)",
        "warning",
    )


def forget_words(names: Names, docs_url: str) -> str:
    """Return the JSONata for a run that was to forget rows and ended badly: what is left is still to be forgotten."""
    title = f"'{names.resource_name(FORGET)} ended ' & {DETAIL}.state & ': rows are still to be forgotten'"
    steps = (
        "'Read its error above. What is removed stays removed.'",
        f"'Start it again with the same rows: sluice forget DATASET --rows FILE --stack {names.stack}'",
    )
    page = f"'Run: ' & {run_page(names, f'{DETAIL}.jobName', f'{DETAIL}.jobRunId')}"
    return _stack_words(
        names,
        "forget_failed",
        FORGET,
        title,
        steps,
        docs_url,
        f"$string({DETAIL}.message)",
        f"{DETAIL}.jobRunId",
        page,
        severity="warning",
    )


def late_forget_words(names: Names, docs_url: str) -> str:
    """Return the JSONata for a run that forgets rows and takes long: runs of its dataset wait for it."""
    title = f"'{names.resource_name(FORGET)} is late: it takes longer than {LATE_MINUTES} minutes'"
    page = run_page(names, f"{DETAIL}.jobName", f"{DETAIL}.jobRunId")
    steps = (
        f"'Look at the run: ' & {page}",
        "'It goes on. Wait, or stop it there, and start it again with the same rows.'",
    )
    return _stack_words(names, "late", FORGET, title, steps, docs_url, by=f"{DETAIL}.jobRunId", severity="warning")


def flow_words(names: Names, docs_url: str) -> str:
    """Return the JSONata for a flow that broke by itself, was stopped or was started wrongly."""
    title = f"'{names.resource_name('flow')} ended ' & {DETAIL}.status & ': ' & $states.input.error"
    steps = (
        "'Read what it was given and where it ended: the execution in the Step Functions console.'",
        f"'Start it again: sluice start --stack {names.stack}'",
    )
    line = f"'Execution: ' & {DETAIL}.executionArn"
    return _stack_words(
        names, "flow_failed", "flow-failed", title, steps, docs_url, "$states.input.cause", f"{DETAIL}.name", line
    )


def look_words(names: Names, docs_url: str) -> str:
    """Return the JSONata for a look for what is due that broke: what was due by its time may be missing."""
    title = f"'{names.resource_name(DUE)} ended ' & {DETAIL}.status & ': ' & $states.input.error"
    steps = (
        "'Read what it was given and where it ended: the execution in the Step Functions console.'",
        "'Start a new execution there with the same input: it tells what is missing, and nothing twice.'",
    )
    lines = (
        "'What was due by its time may be missing, and nobody was told.'",
        f"'Execution: ' & {DETAIL}.executionArn",
    )
    return _stack_words(
        names, "look_failed", "due", title, steps, docs_url, "$states.input.cause", f"{DETAIL}.name", *lines
    )


def _of_alarm(names: Names, label: str) -> str:
    """The facts of the dataset whose alarm it is; its name is the job's with a label."""
    return _facts_of(names, f"{DETAIL}.alarmName", label)


def _of_job(names: Names) -> str:
    """The facts of the dataset whose job it is, the one that publishes or the one that maintains."""
    return _facts_of(names, f"{DETAIL}.jobName", "maintain")


def _facts_of(names: Names, resource: str, ending: str) -> str:
    name = f"$substringAfter({resource}, '{names.resource_name('')}')"
    return f"$lookup($states.input.datasets, $replace({name}, /-{ending}$/, ''))"


def _dataset_words(  # noqa: PLR0913  each is a part of what is said
    names: Names,
    kind: str,
    heading: str,
    title: str,
    steps: tuple[str, ...],
    docs_url: str,
    facts: str,
    quoted: str = "''",
    severity: str = "critical",
) -> str:
    message = message_expression(
        Words(
            kind=kind,
            severity=severity,
            title=f"'{names.resource_name()}: ' & {title}",
            lines=(
                "'Readers see what was published before.'",
                f"'Owner: ' & {OWNER} & '.'",
                _runbook_line(docs_url, heading),
            ),
            steps=steps,
            quoted=quoted,
            dataset=DATASET,
            owner=OWNER,
        )
    )
    key = f"'messages/' & {DATASET} & '/{kind}-' & {TODAY} & '.json'"
    rests = f"{FACTS}.active" if kind == "never_came" else "true"
    return f"({FACTS} := {facts}; {{'message': {message}, 'key': {key}, 'mute': {FACTS}.mute, 'active': {rests}}})"


def _stack_words(  # noqa: PLR0913  each is a part of what is said
    names: Names,
    kind: str,
    heading: str,
    title: str,
    steps: tuple[str, ...],
    docs_url: str,
    quoted: str = "''",
    by: str = TODAY,
    *more_lines: str,
    severity: str = "critical",
) -> str:
    lines = (*more_lines, _runbook_line(docs_url, heading))
    words = Words(kind=kind, severity=severity, title=title, lines=lines, steps=steps, quoted=quoted)
    key = f"'messages/stack/{kind}-' & {by} & '.json'"
    return f"{{'message': {message_expression(words)}, 'key': {key}, 'mute': {{}}, 'active': true}}"


def _runbook_line(docs_url: str, heading: str) -> str:
    return f"'Runbook: {runbook_link(docs_url, heading)}'"
