"""The states that list one prefix of raw and count what has come: pages of keys stay in their state, counts go on.

No answer may exceed 256 KB, nor an execution 25,000 events. What could not be listed to its end is told as that: it is
neither missing nor there.
Source: AWS Step Functions developer guide, Quotas; Amazon S3 API reference, ListObjectsV2 (keys in order, times in seconds).
"""

import json
from collections.abc import Sequence

from components.names import Names
from components.orchestration.arrival_states import choice_state
from components.orchestration.due_groups import DueCheck, DueGroup
from components.orchestration.failure_messages import SHORTEN, TEXT
from components.orchestration.key_regex import HIDDEN_NAME, MARKER, key_regex
from components.orchestration.message_states import ALL_ERRORS, State
from etl.contract.key_globs import data_key_globs, key_globs

EVENTS = 23_000
"""Of an execution's history, which ends at 25,000."""
EVENTS_PER_PAGE, EVENTS_PER_GROUP, EVENTS_PER_DATASET, EVENTS_PER_TOPIC = 7, 14, 40, 8
FIRST_PAGE, LARGEST_PAGE = 150, 1000
"""Keys of the first page, which fits whatever their length is, and the most that S3 lists."""
PAGE_BYTES, OBJECT_BYTES, BYTES_PER_CHARACTER = 200_000, 300, 3
"""Of what is answered of a page, and of each object beside its key: as many keys are asked for as fit of the longest so far."""
LONGEST_ERROR = 400
RETRY = {
    "ErrorEquals": ["S3.S3Exception", "S3.SdkClientException"],
    "IntervalSeconds": 2,
    "MaxAttempts": 2,
    "BackoffRate": 2,
}
"""S3 asks to slow down by an error that it has for a denied permission too."""


def most_pages(groups: Sequence[DueGroup], topics: int) -> int:
    """Return how many pages of each group are listed at most, so that an execution keeps within its events.

    `topics` are those to which a message may go.
    """
    telling = EVENTS_PER_DATASET + EVENTS_PER_TOPIC * topics
    datasets = len({group.due.dataset for group in groups})
    left = EVENTS - EVENTS_PER_GROUP * len(groups) - telling * datasets
    return max(1, left // EVENTS_PER_PAGE // len(groups))


def listing_branch(names: Names, raw: str, group: DueGroup, label: str, pages: int) -> State:
    """Return the branch that lists a group to its end, or until all of it has come, or as far as it may go.

    It reads the variables `$day`, `$eve`, `$due` and `$weekday`. It ends with the dataset's facts and with `short`, the checks
    that found too little; `error` and `open` say that these may be there all the same.
    """
    begin, more, page, counted = (f"{word} {label}" for word in ("Begin", "More of", "List", "Counted"))
    return {
        "StartAt": begin,
        "States": {
            begin: {"Type": "Pass", "Output": f"{{% {_beginning(group)} %}}", "Next": more},
            more: choice_state(f"$states.input.more and $states.input.pages < {pages}", page, counted),
            page: {
                "Type": "Task",
                "Resource": names.integration_arn("aws-sdk:s3:listObjectsV2"),
                "Arguments": {
                    "Bucket": raw,
                    "Prefix": group.prefix,
                    "StartAfter": "{% $states.input.after %}",
                    "MaxKeys": "{% $states.input.size %}",
                },
                "Output": f"{{% {_counting(group)} %}}",
                "Retry": [RETRY],
                "Catch": [{"ErrorEquals": ALL_ERRORS, "Output": f"{{% {_refused()} %}}", "Next": counted}],
                "Next": more,
            },
            counted: {"Type": "Pass", "Output": f"{{% {_findings(group)} %}}", "End": True},
        },
    }


def _beginning(group: DueGroup) -> str:
    """Which checks are due on that day, their windows, and nothing seen."""
    due_flags = ", ".join(f"$weekday in {json.dumps(check.weekdays)}" for check in group.checks)
    begins = ", ".join(
        f"{'$eve' if check.begins_day_before else '$day'} & 'T{check.since}:00'" for check in group.checks
    )
    zeros = json.dumps([0] * len(group.checks))
    record = {
        "after": json.dumps(group.prefix[:-1]),  # the first key may be the prefix itself
        "pages": "0",
        "size": str(FIRST_PAGE),
        "error": "''",
        "open": "true",
        "is_due": "$flags",
        "from": "$begins",
        "begin": "$sort($begins)[0]",
        "until": "$day & 'T' & $due & ':00'",
        "seen": zeros,
        "late": zeros,
        "more": "true in $flags",
    }
    return f"($flags := [{due_flags}]; $begins := [{begins}]; {_object(record)})"


def _counting(group: DueGroup) -> str:
    """Add a page to the counts. Of old objects no name is looked at."""
    due = group.due
    is_data = [
        f"$not($contains(Key, {HIDDEN_NAME}))",
        f"$contains(Key, {key_regex(data_key_globs(due.files, due.dataset))})",
    ]
    if manifests := [glob for manifest in due.manifests for glob in key_globs(manifest, due.dataset)]:
        is_data.append(f"$not($contains(Key, {key_regex(manifests)}))")
    steps = [
        "$before := $states.input",
        "$at := function($o) { $substring($o.LastModified, 0, 19) }",
        "$contents := [$states.result.Contents]",
        f"$recent := $contents[$at($) >= $before.begin and (Size > 0 or $not($contains(Key, {MARKER})))]",
        f"$data := $recent[{' and '.join(is_data)}]",
    ]
    for index, check in enumerate(group.checks):
        regex = key_regex(key_globs(check.glob, due.dataset))
        objects = "$recent" if check.is_manifest else "$data"
        steps += [
            f"$times{index} := {objects}[$contains(Key, {regex})].$at($)",
            f"$seen{index} := $before.seen[{index}] + $count($times{index}[$ >= $before.from[{index}] and $ <= $before.until])",
            f"$late{index} := $before.late[{index}] + $count($times{index}[$ > $before.until])",
        ]
    numbers = range(len(group.checks))
    lacks = " or ".join(
        f"($before.is_due[{index}] and $seen{index} < {check.count})" for index, check in enumerate(group.checks)
    )
    longest = "$max($append([0], $contents.$length(Key)))"
    size = f"$floor({PAGE_BYTES} / ({OBJECT_BYTES} + {BYTES_PER_CHARACTER} * {longest}))"
    record = {
        "after": "$count($contents) > 0 ? $contents[-1].Key : $before.after",
        "pages": "$before.pages + 1",
        "size": f"$min([{LARGEST_PAGE}, {size}])",
        "open": "$open",
        "seen": f"[{', '.join(f'$seen{index}' for index in numbers)}]",
        "late": f"[{', '.join(f'$late{index}' for index in numbers)}]",
        "more": f"$open and ({lacks})",
    }
    steps.append("$open := $states.result.IsTruncated = true")
    return f"({'; '.join(steps)}; $merge([$before, {_object(record)}]))"


def _refused() -> str:
    error = "$text($states.errorOutput.Error) & ': ' & $text($states.errorOutput.Cause)"
    refused = f"{{'error': $shorten({error}, {LONGEST_ERROR}), 'more': false}}"
    return f"({SHORTEN}; {TEXT}; $merge([$states.input, {refused}]))"


def _findings(group: DueGroup) -> str:
    checks = ", ".join(_finding(check, index) for index, check in enumerate(group.checks))
    record = {
        "dataset": json.dumps(group.due.dataset),
        "owner": json.dumps(group.due.owner),
        "mute": json.dumps(dict(group.due.mute)),
        "error": "$before.error",
        "open": "$before.open",
        "short": "[$checks[is_due and seen < count]]",
    }
    return f"($before := $states.input; $checks := [{checks}]; {_object(record)})"


def _finding(check: DueCheck, index: int) -> str:
    return _object(
        {
            "glob": json.dumps(check.glob),
            "manifest": json.dumps(check.is_manifest),
            "since": json.dumps(f"{check.since}{' of the day before' if check.begins_day_before else ''}"),
            "count": str(check.count),
            "is_due": f"$before.is_due[{index}]",
            "seen": f"$before.seen[{index}]",
            "late": f"$before.late[{index}]",
        }
    )


def _object(fields: dict[str, str]) -> str:
    """Return an object of JSONata from the expression of each field."""
    return f"{{{', '.join(f'{json.dumps(name)}: {expression}' for name, expression in fields.items())}}}"
