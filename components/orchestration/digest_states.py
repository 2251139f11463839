"""The digest as plain data: what the runs of some days came to, summed by dataset from their results, as one message.

A dataset's day has at most so many runs read that an execution stays below 25,000 events; what is left out is said.
Source: AWS Step Functions developer guide, Quotas (history of an execution), Map in inline mode; Amazon S3 API, ListObjectsV2.
"""

import json
from collections.abc import Sequence
from typing import Any

from components.orchestration.message_states import ALL_ERRORS, Teller, publish_states, settle_state
from components.orchestration.message_words import Words, message_expression, runbook_link
from components.orchestration.watch_states import WatchedDataset

State = dict[str, Any]
ABOUT = "of the digest"
TOLD, NOT_TOLD = "The digest is told", "The digest is not told"
DAYS = {"daily": 1, "weekly": 7}
RUNS_READ = 2000
"""Runs that an execution reads at most; each takes some eight events of its history."""
READ_AT_ONCE = 5
DAY_MILLISECONDS = 86_400_000


def digest_definition(
    teller: Teller, datasets: Sequence[WatchedDataset], period: str, usd_per_dpu_hour: float, docs_url: str = ""
) -> State:
    """Return the machine that sums up the days before today: one of `daily`, seven of `weekly`."""
    days = DAYS[period]
    most_runs = max(1, RUNS_READ // max(1, len(datasets) * days))
    return {
        "Comment": f"Tells {period} what was published, set aside, broken and spent",
        "QueryLanguage": "JSONata",
        "StartAt": "Which days",
        "States": {
            "Which days": {"Type": "Pass", "Output": _days_and_datasets(datasets, days), "Next": "Read the results"},
            "Read the results": {
                "Type": "Map",
                "Items": "{% $states.input.parts %}",
                "MaxConcurrency": READ_AT_ONCE,
                "ItemProcessor": _part_processor(teller, most_runs),
                "Output": "{% $merge([$states.input, {'read': $states.result}]) %}",
                "Catch": [{"ErrorEquals": ALL_ERRORS, "Next": NOT_TOLD}],
                "Next": "Word the digest",
            },
            "Word the digest": {
                "Type": "Pass",
                "Output": f"{{% {_digest_record(teller, period, usd_per_dpu_hour, docs_url)} %}}",
                "Next": settle_state(ABOUT),
            },
            **publish_states(teller, ABOUT, done=TOLD, on_failure=NOT_TOLD),
            TOLD: {"Type": "Succeed"},
            NOT_TOLD: {"Type": "Fail", "Error": "NotTold", "Cause": "the digest was not made, published or kept"},
        },
    }


def _days_and_datasets(datasets: Sequence[WatchedDataset], days: int) -> State:
    """Each dataset with each of the days before today, the earliest first."""
    day = f"$fromMillis($millis() - ({days} - $) * {DAY_MILLISECONDS}, '[Y0001]-[M01]-[D01]')"
    names = json.dumps([watched.dataset for watched in datasets])
    parts = f"$map({names}, function($d) {{ $map($days, function($day) {{ {{'dataset': $d, 'day': $day}} }}) }})"
    flat = f"$reduce({parts}, $append, [])"
    return {
        "datasets": [
            {
                "dataset": watched.dataset,
                "mute": dict(watched.mute),
            }
            for watched in datasets
        ],
        "parts": f"{{% ($days := [0..{days - 1}].({day}); [{flat}]) %}}",
        "days": f"{{% [[0..{days - 1}].({day})] %}}",
    }


def _part_processor(teller: Teller, most_runs: int) -> State:
    """One dataset's day: its results listed, each read, and summed; a day that cannot be listed counts as unread."""
    prefix = "'results/runs/dataset=' & $states.input.dataset & '/day=' & $states.input.day & '/'"
    listed = (
        "$merge([$states.input, {'keys': [$states.result.Contents.Key], 'more': $states.result.IsTruncated = true}])"
    )
    unread = "$merge([$states.input, {'runs': 0, 'bad': 0, 'published': 0, 'aside': 0, 'dpu': 0, 'more': true}])"
    summed = (
        "($r := $states.result[version = 1]; {'dataset': $states.input.dataset, 'day': $states.input.day, "
        "'more': $states.input.more, 'runs': $count($r), 'bad': $count($r[state != 'SUCCEEDED']), "
        "'published': $sum($append([0], $r.rows_published[$type($) = 'number'])), "
        "'aside': $sum($append([0], $r.rows_quarantined[$type($) = 'number'])), "
        "'dpu': $sum($append([0], $r.dpu_seconds[$type($) = 'number']))})"
    )
    read = {
        "StartAt": "Read a run",
        "States": {
            "Read a run": {
                "Type": "Task",
                "Resource": teller.names.integration_arn("aws-sdk:s3:getObject"),
                "Arguments": {"Bucket": teller.assets, "Key": "{% $states.input %}"},
                "Output": "{% $parse($states.result.Body) %}",
                "Catch": [{"ErrorEquals": ALL_ERRORS, "Output": {"version": 0}, "Next": "A run that cannot be read"}],
                "End": True,
            },
            "A run that cannot be read": {"Type": "Pass", "End": True},
        },
    }
    return {
        "StartAt": "List a day",
        "States": {
            "List a day": {
                "Type": "Task",
                "Resource": teller.names.integration_arn("aws-sdk:s3:listObjectsV2"),
                "Arguments": {"Bucket": teller.assets, "Prefix": f"{{% {prefix} %}}", "MaxKeys": most_runs},
                "Output": f"{{% {listed} %}}",
                "Catch": [{"ErrorEquals": ALL_ERRORS, "Output": f"{{% {unread} %}}", "Next": "A day that is unread"}],
                "Next": "Read a day",
            },
            "A day that is unread": {"Type": "Pass", "End": True},
            "Read a day": {
                "Type": "Map",
                "Items": "{% $states.input.keys %}",
                "MaxConcurrency": READ_AT_ONCE,
                "ItemProcessor": read,
                "Output": f"{{% {summed} %}}",
                "Catch": [{"ErrorEquals": ALL_ERRORS, "Output": f"{{% {unread} %}}", "Next": "A day that is unread"}],
                "End": True,
            },
        },
    }


def _digest_record(teller: Teller, period: str, usd_per_dpu_hour: float, docs_url: str) -> str:
    """The message, its key and no mute: a line for each dataset, one for each that is muted, and what it all cost."""
    hours = "$formatNumber($sum($append([0], $own.dpu)) / 3600, '0.0')"
    line = (
        "function($name) { ($own := $read[dataset = $name]; $name & ': ' & $sum($own.runs) & ' runs, ' & $sum($own.bad) "
        "& ' bad; ' & $sum($own.published) & ' rows published, ' & $sum($own.aside) & ' set aside; no good run on ' "
        "& $count($own[runs = bad]) & ' of ' & $count($own) & ' days; ' & "
        f"{hours} & ' DPU-hours' & ($count($own[more]) > 0 ? ' (not all runs were read)' : '')) }}"
    )
    muted = "function($d) { $d.dataset & ': muted until ' & $d.mute.until & ': ' & $d.mute.why }"
    steps = (
        "$read := $states.input.read",
        "$first := $states.input.days[0]",
        "$last := $states.input.days[-1]",
        f"$spent := $sum($append([0], $read.dpu)) / 3600 * {usd_per_dpu_hour}",
    )
    span = "($first = $last ? $first : $first & ' to ' & $last)"
    words = Words(
        kind="digest",
        severity="info",
        title=f"'{teller.names.resource_name()}, ' & {span} & ': ' & $sum($append([0], $read.runs)) & ' runs, ' "
        "& $sum($append([0], $read.bad)) & ' bad'",
        lines=(
            f"$map($states.input.datasets.dataset, {line})",
            f"$map($states.input.datasets[$exists(mute.until)], {muted})",
            "'Runs cost about $' & $formatNumber($spent, '0.00') & ', where their seconds are known.'",
            f"'Runbook: {runbook_link(docs_url, 'violations')}'",
        ),
        steps=("'Nothing, unless a number surprises you.'",),
        setup=steps,
    )
    key = "'messages/stack/digest-' & $states.input.days[-1] & '.json'"
    return f"{{'message': {message_expression(words)}, 'key': {key}, 'mute': {{}}}}"
