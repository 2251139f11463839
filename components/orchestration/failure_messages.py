r"""Ends of the flow that keep AWS's limits, and what can be known of a failed run from a cause that was cut off.

JSONata cannot catch an error, so no text from outside is parsed before it is known to be well-formed. The patterns
repeat single classes of characters: Java recurses for an alternation under a star, and overflows on long texts. They write
a backslash as \x5c: JSONata's parser takes a bracket after a backslash for none.
Source: AWS Step Functions API reference, ExecutionFailedEventDetails (a cause has at most 32,768 characters); Amazon SNS
API reference, Publish (a message at most 256 KiB).
"""

import json
from typing import Any

State = dict[str, Any]
LONGEST_TEXT = 4000
"""Characters of an error in a message or of names in a cause; the verdict or the execution's record has it whole."""
SHORTEN = "$shorten := function($text, $most) { $length($text) > $most ? $substring($text, 0, $most) & ' ...' : $text }"
TEXT = "$text := function($value) { $type($value) = 'string' ? $value : '' }"
BACKSLASH, QUOTE = "\ue000", "\ue001"
"""Private characters that stand for an escaped backslash and quote, so that a bare quote ends a JSON string."""
MASK = rf"""$mask := function($text) {{ $replace($replace($text, '\\\\', '{BACKSLASH}'), '\\"', '{QUOTE}') }}"""
UNMASK = rf"""$unmask := function($text) {{ $replace($replace($text, '{BACKSLASH}', '\\\\'), '{QUOTE}', '\\"') }}"""
CUT_ESCAPE = r"\x5c(u[0-9a-fA-F]{0,3})?$"
HALF_PAIR = r"\x5cu[dD][89abAB][0-9a-fA-F]{2}"
"""Half of a character beyond the first 65,536; alone it is no text that can be sent."""
WHOLE = f"$whole := function($text) {{ $replace($text, /{HALF_PAIR}$|{HALF_PAIR}{CUT_ESCAPE}|{CUT_ESCAPE}/, '') }}"
"""Without what was cut off at the end."""
ESCAPE = r"/\x5c([\x22\x5c\x2fbfnrt]|u[0-9a-fA-F]{4})/"
PLAIN = rf"""$plain := function($text) {{
  $contains($replace($text, {ESCAPE}, ''), /[\x00-\x1f\x22\x5c]/) ? $text : $parse('"' & $text & '"') }}"""
"""What a JSON string says; the text itself where it is none."""
FIELD = r"""$field := function($record, $pattern) {
  ($found := $match($record, $pattern, 1)[0].groups[0]; $exists($found) ? $plain($unmask($whole($found))) : '') }"""


def fail_state(error: str, expression: str, suffix: str = "", max_length: int = LONGEST_TEXT) -> State:
    """Return the state that ends the flow with `error`; its cause is the JSONata `expression`, at most so long, then a text."""
    text = json.dumps(suffix if len(suffix) <= LONGEST_TEXT else f"{suffix[:LONGEST_TEXT]} ...")
    cause = f"({SHORTEN}; $shorten({expression}, {max_length}) & {text})"
    return {"Type": "Fail", "Error": error, "Cause": f"{{% {cause} %}}"}


def ended_run() -> dict[str, Any]:
    """Return the state that adds what is known of a run that failed: the input has its `dataset`, `Error` and `Cause`.

    The cause is the run's record as JSON, perhaps cut off, or a text where the start was refused: then the execution's name
    stands for the run's id.
    """
    steps = (
        *(SHORTEN, TEXT, MASK, UNMASK, WHOLE, PLAIN, FIELD),
        "$cause := $text($states.input.Cause)",
        "$record := $substring($cause, 0, 1) = '{' ? $mask($cause) : ''",
        r"""$id := $field($record, /"Id" ?: ?"(jr_\w+)"/)""",
        r"""$state := ($found := $field($record, /"JobRunState" ?: ?"(\w+)"/); $found != '' ? $found : 'ended badly')""",
        r"""$error := $field($record, /"ErrorMessage" ?: ?"([^"]*)/)""",
        "$run := $id != '' ? $id : 'start-' & $states.context.Execution.Name",
        f"$shown := $shorten($error != '' ? $error : $cause != '' ? $cause : 'no cause was given', {LONGEST_TEXT})",
        "$facts := $sift($states.input, function($value, $name) { $not($name in ['Error', 'Cause']) })",
        "$key := 'messages/' & $states.input.dataset & '/' & $run & '.json'",
        "$merge([$facts, {'run': $run, 'key': $key, 'error': $shown, "
        "'state': $id != '' ? $state : $text($states.input.Error)}])",
    )
    return {"Type": "Pass", "Output": f"{{% ({'; '.join(steps)}) %}}"}
