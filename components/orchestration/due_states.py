"""The look for what is due as plain data: raw is listed, and what has not come by its time is told once for each dataset."""

from collections.abc import Sequence

from components.orchestration.arrival_states import choice_state
from components.orchestration.due_groups import DueDataset, due_groups, due_times
from components.orchestration.due_listing import listing_branch, most_pages
from components.orchestration.due_words import missing_words
from components.orchestration.failure_messages import fail_state
from components.orchestration.message_states import ALL_ERRORS, State, States, Teller, publish_states, settle_state

ABOUT = "of what is due"
TOLD, NOT_TOLD = "told", "not told"
TOLD_AT_ONCE = 5
DAY_MILLISECONDS = 86_400_000


def due_definition(teller: Teller, raw: str, datasets: Sequence[DueDataset], docs_url: str = "") -> State:
    """Return the machine that looks for what is due by the time that its input names; `raw` is the bucket."""
    times = due_times(datasets)
    choices = [{"Condition": f"{{% $due = '{time}' %}}", "Next": look_state(time)} for time in times]
    return {
        "Comment": "Tells which objects are due and have not come",
        "QueryLanguage": "JSONata",
        "StartAt": "Which day",
        "States": {
            "Which day": {"Type": "Pass", "Assign": _day_variables(), "Next": "Which time?"},
            "Which time?": {"Type": "Choice", "Choices": choices, "Default": "Wrong input"},
            "Wrong input": fail_state(
                "WrongInput",
                "'given ' & $string($states.input)",
                f': it takes {{"due": "{times[0]}"}}, a time of {", ".join(times)}',
            ),
            **{look_state(time): _look_branches(teller, raw, time, datasets) for time in times},
            "What is missing": {"Type": "Pass", "Output": {"parts": f"{{% {PARTS} %}}"}, "Next": "Tell each dataset"},
            "Tell each dataset": {
                "Type": "Map",
                "Items": "{% $states.input.parts %}",
                "MaxConcurrency": TOLD_AT_ONCE,
                "ItemProcessor": {"StartAt": "Was it told before?", "States": _telling_states(teller, docs_url)},
                "Catch": [{"ErrorEquals": ALL_ERRORS, "Next": "Not told"}],
                "Next": "Is all told?",
            },
            "Is all told?": choice_state(f"'{NOT_TOLD}' in $states.input", "Not told", "Looked"),
            "Looked": {"Type": "Succeed"},
            "Not told": {"Type": "Fail", "Error": "NotTold", "Cause": "what is missing was not published or kept"},
        },
    }


def look_state(time: str) -> str:
    """Return the name of the state that lists what is due by a time."""
    return f"Look at {time}"


def _day_variables() -> dict[str, str]:
    """The day is that of the schedule's time, or the last one whose time is over where somebody starts it by hand.

    The first of January 1970 was a Thursday; Monday is 0.
    """
    due = "($exists($states.input.due) ? $string($states.input.due) : '')"
    moment = "($contains($string($states.input.scheduled), /^[0-9]{4}-/) ? $states.input.scheduled : $now())"
    days = f"$floor($toMillis($substring({moment}, 0, 10) & 'T00:00:00.000Z') / {DAY_MILLISECONDS})"
    number = f"({days} - ($substring({moment}, 11, 5) < {due} ? 1 : 0))"
    return {
        "due": f"{{% {due} %}}",
        "day": f"{{% $substring($fromMillis({number} * {DAY_MILLISECONDS}), 0, 10) %}}",
        "eve": f"{{% $substring($fromMillis(({number} - 1) * {DAY_MILLISECONDS}), 0, 10) %}}",
        "weekday": f"{{% ({number} + 3) % 7 %}}",
    }


def _look_branches(teller: Teller, raw: str, time: str, datasets: Sequence[DueDataset]) -> State:
    groups = due_groups(time, datasets)
    pages = most_pages(groups, 1 + len(teller.channel_topics))
    branches = [
        listing_branch(teller.names, raw, group, f"{group.due.dataset} {time} {index}", pages)
        for index, group in enumerate(groups, 1)
    ]
    return {"Type": "Parallel", "Branches": branches, "Next": "What is missing"}


PARTS = (
    "($looks := $states.input; [$distinct($looks[$count(short) > 0].dataset).($name := $; "
    "$own := $looks[dataset = $name and $count(short) > 0]; $seen := $own[error = '' and open = false]; "
    "$unseen := $own[error != '' or open]; {'dataset': $name, 'owner': $own[0].owner, 'mute': $own[0].mute, "
    "'due': $due, 'day': $day, 'missing': [$seen.short], 'unseen': [$unseen.short], "
    "'error': $join($distinct($own[error != ''].error), ' '), "
    "'key': 'messages/' & $name & '/due-' & $replace($due, ':', '') & '-' & $day & '.json'})])"
)
"""What is told of each dataset, from what the branches found: what is missing, and what could not be looked for."""


def _telling_states(teller: Teller, docs_url: str) -> States:
    """One dataset's message, unless that of this day and time is there."""
    words = missing_words(teller.names, docs_url)
    return {
        "Was it told before?": {
            "Type": "Task",
            "Resource": teller.names.integration_arn("aws-sdk:s3:getObject"),
            "Arguments": {"Bucket": teller.assets, "Key": "{% $states.input.key %}"},
            "Output": "{% $states.input %}",
            "Catch": [{"ErrorEquals": ALL_ERRORS, "Output": "{% $states.input %}", "Next": "Word what is due"}],
            "Next": "It is told",
        },
        "Word what is due": {
            "Type": "Pass",
            "Output": f"{{% $merge([$states.input, {{'message': {words}}}]) %}}",
            "Next": settle_state(ABOUT),
        },
        **publish_states(teller, ABOUT, done="It is told", on_failure="It is not told"),
        "It is told": {"Type": "Pass", "Output": TOLD, "End": True},
        "It is not told": {"Type": "Pass", "Output": NOT_TOLD, "End": True},
    }
