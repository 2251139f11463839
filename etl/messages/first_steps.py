"""What to do first, as the steps of a message: each names a command or a place, and can be done by who reads it."""

from etl.history.resolution import any_bounded
from etl.messages.limits import shorten_key
from etl.messages.message import NO_OWNER
from etl.messages.run_facts import RunFacts
from etl.results.row_origin import MAX_SKIP_COMMANDS, Origin, skip_commands
from etl.wording import clean_text, join_names

LONGEST_STEP = 700  # characters; a command that is longer stands in the verdict


def steps_for_broken_rules(facts: RunFacts) -> tuple[str, ...]:
    """Return what to do where a critical rule broke."""
    run_again = f"Then run it again: {command(facts, 'start', facts.dataset)}"
    if all(any_bounded([result], facts.contracts) for result in facts.verdict.broken):
        return (*_history_steps(facts), run_again)
    contract = (
        "If the file is what its source sends, let the contract say so, in a pull request: the reason above says how."
    )
    if facts.verdict.sources:
        contract = "If the days are right, let the contract say so, in a pull request. If not, mend the transform."
    return (
        _look_step(facts),
        contract,
        *_history_steps(facts),
        *_file_steps(facts),
        run_again,
    )


def steps_for_error(facts: RunFacts) -> tuple[str, ...]:
    """Return what to do where a run failed for another reason than its contract."""
    return (
        "Read the error above. The runbook says what each one means.",
        f"Once its cause is gone, run again: {command(facts, 'start', facts.dataset)}. The run left nothing half done.",
    )


def steps_for_rows_aside(facts: RunFacts) -> tuple[str, ...]:
    """Return what to do with rows that were set aside."""
    run = facts.verdict.run_id
    return (
        f"Look at the rows, as they came: {command(facts, 'quarantine', facts.dataset, run)}",
        "If the rows are what their source sends, let the contract say so, in a pull request. If not, show them to "
        f"{_owner_words(facts)}.",
        f"Then take them through the gate again: {command(facts, 'replay', facts.dataset, run)}",
    )


def steps_for_failed_repair(facts: RunFacts) -> tuple[str, ...]:
    """Return what to do where a replay, a rerun or a withdrawal failed: nothing has changed."""
    return (f"See how the dataset stands: {command(facts, 'status', facts.dataset)}",)


def steps_for_results(facts: RunFacts) -> tuple[str, ...]:
    """Return what to do where results could not be written or read."""
    return (
        "Read what is said of the files above. A permission that is named there belongs into the policy of the job's role, "
        "and no policy of the bucket or its key may deny it. A file that cannot be read is passed over until it is deleted.",
        "Nothing has to be run again: the verdict has what the results lack. Until the cause is gone, bounds from earlier "
        "runs have fewer runs to go by.",
        f"See how the dataset stands: {command(facts, 'status', facts.dataset)}",
    )


def command(facts: RunFacts, *words: str) -> str:
    """Return a command of an operator on this stack."""
    stack = ("--stack", facts.arguments.stack) if facts.arguments.stack else ()
    return f"`{' '.join(('sluice', *words, *stack))}`"


def _look_step(facts: RunFacts) -> str:
    origins = _stopping_origins(facts)
    if not origins:
        return "Look at the verdict: are the data wrong, or the contract?"
    where = "" if origins[0].row is None else f"row {origins[0].row} of "
    kind = "Are the data" if facts.verdict.sources else "Is the file"
    return clean_text(f"Look at {where}{shorten_key(origins[0].object)}. {kind} wrong, or the contract?")


def _history_steps(facts: RunFacts) -> list[str]:
    """Return what to do with a day that is unlike the runs before; nothing where no bound from them broke."""
    if not any_bounded(facts.verdict.broken, facts.contracts):
        return []
    kind = "days were built" if facts.verdict.sources else "objects were read"
    accepting = command(facts, "start", facts.dataset, "--accept-history", '"WHY"')
    return [
        f"Ask whether the day is whole: the verdict says which {kind}, and the reason above what the runs before had.",
        f"If it is right though it is unlike them, a holiday for instance, let it pass: {accepting}",
        f"If it is not, ask {_owner_words(facts)}; what comes later is read with what is there.",
    ]


def _file_steps(facts: RunFacts) -> list[str]:
    """Return how an object is left alone, and whom to ask for another; nothing where days are built from tables."""
    if facts.verdict.sources:
        return []
    stack = f" --stack {facts.arguments.stack}" if facts.arguments.stack else ""
    commands = [f"`{line}{stack}`" for line in skip_commands(facts.dataset, _stopping_origins(facts))]
    short = [line for line in map(clean_text, commands) if len(line) <= LONGEST_STEP // MAX_SKIP_COMMANDS]
    leave_alone = join_names(short, MAX_SKIP_COMMANDS, "; ", len(commands)) if short else "`sluice skip`"
    return [
        f"If the file is wrong, have runs leave it alone: {leave_alone}",
        f"Show the samples to {_owner_words(facts)}. Another file goes under the same key, and the next run reads it.",
    ]


def _stopping_origins(facts: RunFacts) -> list[Origin]:
    """Return where the rows are from that stopped the run, of objects that the run read, or of its manifests."""
    read_objects = (*facts.verdict.objects, *facts.verdict.manifests)
    versions = {(raw_object.key, raw_object.version) for raw_object in read_objects}
    origins = [origin for result in facts.verdict.broken for origin in result.places if origin]
    read = [origin for origin in origins if (origin.object, origin.version) in versions]
    return read or (origins if facts.verdict.sources else [])


def _owner_words(facts: RunFacts) -> str:
    return "whoever sends them" if facts.owner == NO_OWNER else f"{clean_text(facts.owner)}, who owns the data"
