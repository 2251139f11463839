"""The states before a run's message is published: it is read as the job left it, or worded where a run was killed."""

from components.orchestration.message_states import ALL_ERRORS, States, Teller, publish_states, settle_state
from components.orchestration.message_words import TODAY


def crash_states(teller: Teller, about: str, crash_message: str) -> States:
    """Return the states from `crash_state(about)` on, of a run that left no message: it is told once a dataset and day.

    `crash_message` is the JSONata of the message. An incident of this very run is no reason to be silent: whoever noted it
    may not have told of it.
    """
    look_state, note_state = f"Was the crash told {about}?", f"Note the crash {about}"
    settled = (
        "($teller := $parse($states.result.Body).run_id; $teller = $states.input.run ? $states.input : "
        "$merge([$states.input, {'message': $merge([$states.input.message, "
        "{'send': false, 'why_not': 'said already by run ' & $teller}])}]))"
    )
    key = f"{{% 'incidents/' & $states.input.dataset & '/' & {TODAY} & '.json' %}}"
    incident = (
        "{'version': 1, 'rules': ['run'], 'severity': 'critical', 'run_id': $states.input.run, "
        "'kind': $states.input.message.kind}"
    )
    # told once too often rather than not at all
    catch = {"ErrorEquals": ALL_ERRORS, "Output": "{% $states.input %}"}
    return {
        crash_state(about): {
            "Type": "Pass",
            "Output": f"{{% $merge([$states.input, {{'message': {crash_message}}}]) %}}",
            "Next": look_state,
        },
        look_state: {
            "Type": "Task",
            "Resource": teller.names.integration_arn("aws-sdk:s3:getObject"),
            "Arguments": {"Bucket": teller.assets, "Key": key},
            "Output": f"{{% {settled} %}}",
            "Catch": [catch | {"Next": note_state}],
            "Next": settle_state(about),
        },
        note_state: {
            "Type": "Task",
            "Resource": teller.names.integration_arn("aws-sdk:s3:putObject"),
            "Arguments": {
                "Bucket": teller.assets,
                "Key": key,
                "Body": f"{{% {incident} %}}",
                "ContentType": "application/json",
            },
            "Output": "{% $states.input %}",
            "Catch": [catch | {"Next": settle_state(about)}],
            "Next": settle_state(about),
        },
    }


def crash_state(about: str) -> str:
    """Return the name of the first of `crash_states`."""
    return f"Word the crash {about}"


def run_message_states(teller: Teller, about: str, crash_message: str, done: str, on_failure: str) -> States:
    """Return the states from `read_state(about)` on: the message of one run, as its job left it or made here.

    A run that ended well and left no message has nothing to say.
    """
    ended_well = f"Did it end well {about}?"
    return {
        read_state(about): {
            "Type": "Task",
            "Resource": teller.names.integration_arn("aws-sdk:s3:getObject"),
            "Arguments": {
                "Bucket": teller.assets,
                "Key": "{% 'outbox/' & $states.input.dataset & '/' & $states.input.run & '.json' %}",
            },
            "Output": "{% $merge([$states.input, {'message': $parse($states.result.Body)}]) %}",
            "Catch": [{"ErrorEquals": ALL_ERRORS, "Output": "{% $states.input %}", "Next": ended_well}],
            "Next": settle_state(about),
        },
        ended_well: {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.state = 'SUCCEEDED' %}", "Next": done}],
            "Default": crash_state(about),
        },
        **crash_states(teller, about, crash_message),
        **publish_states(teller, about, done, on_failure),
    }


def read_state(about: str) -> str:
    """Return the name of the first of `run_message_states`."""
    return f"Read the message {about}"
