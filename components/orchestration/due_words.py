"""What is said of objects that were due and have not come, or could not be looked for."""

from components.access.message_policies import DUE
from components.names import Names
from components.orchestration.message_words import Words, message_expression, runbook_link

INPUT = "$states.input"
MOST_LINES = 40
"""Arrivals that a message names: a message to a topic has at most 256 KB."""
DATASET = f"{INPUT}.dataset"
PLAIN_GLOBS = r"$plainText := function($text) { $replace($replace($text, '*', '∗'), /[<>@_~\x60|\[\]]/, ' ') }"
"""A chat would take the star of a glob for bold: there it is the operator that looks like one."""


def missing_words(names: Names, docs_url: str) -> str:
    """Return the JSONata of the message about a dataset's `missing` and `unseen` arrivals by `due` of a `day`."""
    missing, unseen = f"$count({INPUT}.missing)", f"$count({INPUT}.unseen)"
    arrivals = "function($n) { $n & ($n = 1 ? ' arrival' : ' arrivals') }"
    what = (
        f"($arrivals := {arrivals}; $when := ' due by ' & {INPUT}.due & ' UTC on ' & {INPUT}.day; "
        f"{missing} > 0 ? $arrivals({missing}) & $when & ({missing} = 1 ? ' has' : ' have') & ' not come' "
        f"& ({unseen} > 0 ? '; ' & {unseen} & ' could not be looked for' : '') "
        f": $arrivals({unseen}) & $when & ' could not be looked for')"
    )
    subject = "($c.manifest ? 'Manifest ' : '') & $c.glob"
    window = f"' came between ' & $c.since & ' and ' & {INPUT}.due & ' UTC'"
    came = f"$c.seen & ' of ' & $c.count & {window} & ($c.late > 0 ? ', ' & $c.late & ' later' : '')"
    unknown = "'nobody knows whether it came: raw could not be listed to the end'"
    return message_expression(
        Words(
            kind="not_arrived",
            severity="warning",
            title=f"'{names.resource_name()}: ' & {DATASET} & ': ' & {what}",
            quoted=f"{INPUT}.error",
            lines=(
                f"$map({INPUT}.missing[[0..{MOST_LINES - 1}]], function($c) {{ {subject} & ': ' & {came} }})",
                f"$map({INPUT}.unseen[[0..{MOST_LINES - 1}]], function($c) {{ {subject} & ': ' & {unknown} }})",
                f"$max([{missing}, {unseen}]) > {MOST_LINES} ? 'Of each the first {MOST_LINES} are named.'",
                "'Readers see what was published before.'",
                f"'Owner: ' & {INPUT}.owner & '.'",
                f"'Runbook: {runbook_link(docs_url, 'due')}'",
            ),
            steps=(
                f"{missing} > 0 ? 'Ask the source for its files. What comes later is read as any file.'",
                f"{missing} > 0 ? 'Where no file starts the dataset: sluice start ' & {DATASET} & ' --stack {names.stack}'",
                f"{unseen} > 0 ? 'Read why raw was not listed: the execution of {names.resource_name(DUE)}.'",
            ),
            dataset=DATASET,
            owner=f"{INPUT}.owner",
            setup=(PLAIN_GLOBS,),
        )
    )
