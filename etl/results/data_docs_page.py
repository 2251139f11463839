"""The page that Data Docs stand on: everything in one file, since a viewer of the assets bucket may be offline."""

from typing import assert_never

from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState

STYLE = """
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6875; --line: #d9dfe6; --back: #f6f8fa; --card: #fff;
  --good: #1a7f4b; --bad: #c0362c; --tag: #e8edf3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ef; --soft: #9aa7b4; --line: #2e3843; --back: #10161d;
  --card: #18202a; --good: #4cc38a; --bad: #ff7b72; --tag: #26313d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 62rem; font: 1rem/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--back); overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 .25rem; } h2, h5 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
p { margin: .25rem 0; } .soft, footer { color: var(--soft); } .lead { white-space: pre-line; }
.scroll, .table-responsive { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; overflow-wrap: break-word; }
tr + tr, tbody { border-top: 1px solid var(--line); } th { color: var(--soft); font-weight: 600; white-space: nowrap; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; } td code { overflow-wrap: anywhere; }
.table th:first-child { width: 4rem; } .table th:last-child { width: 10rem; }
.table .table-bordered { width: auto; margin-top: .5rem; }
@media (max-width: 40rem) { .told thead { display: none; } .told td { display: block; padding: .1rem .75rem; }
  .told tr { display: block; padding: .5rem 0; } .table th:last-child { width: 6rem; white-space: normal; }
  .told .count::before { content: "broken by "; } }
.badge, code { background: var(--tag); border-radius: .3rem; padding: .05rem .35rem; font: .85em ui-monospace, monospace; }
.text-success, .held { color: var(--good); } .text-danger, .broken { color: var(--bad); }
i.fas { font-style: normal; } .fa-check-circle::before { content: "\\2714"; } .fa-times::before { content: "\\2718"; }
.alert { margin: 0; } .alert h5 { margin-bottom: .25rem; } hr { display: none; }
"""

PAGE = (
    """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'">
<title>{{ contract.dataset }} {{ contract.stage }}, {{ verdict.run_id }}</title>
<style>"""
    + STYLE
    + """</style>
</head>
<body>
<h1>{{ contract.dataset }}: {{ contract.stage }} {{ contract.version }}</h1>
<p class="soft">Data Docs of run {{ verdict.run_id }}, begun {{ verdict.started }}</p>
<p class="lead"><strong>{{ verdict.state }}</strong> {{ verdict.message }}</p>
<p>{{ held }} of {{ judged }} expectations held{% if waiting %}, {{ waiting }} not evaluated{% endif %}{% if in_error %},
{{ in_error }} in error{% endif %}. {{ verdict.rows_read }} rows read, {{ verdict.rows_published }} published,
{{ verdict.rows_quarantined }} set aside.</p>
{% if listed %}
<h2>What did not hold, is in error, or was not evaluated</h2>
<div class="scroll"><table class="told">
<thead><tr><th>Rule</th><th>Broken by</th><th>For example</th><th>Why</th></tr></thead>
<tbody>
{% for result in listed %}
<tr><td><strong>{{ result.rule }}</strong><br><span class="soft">{{ result.severity }}</span></td>
{% set style, outcome = outcome_of(result) %}
<td>{% if style %}<span class="{{ style }}">{{ outcome }}</span>{% else %}{{ outcome }}{% endif %}</td>
<td>{% for sample in result.samples %}<code>{{ "null" if sample is none else sample }}</code>
{%- set place = result.places[loop.index0] %}
{%- if place %} <span class="soft">in {{ place.in_words }}</span>{% endif %} {% endfor %}</td>
<td>{{ result.why }}</td></tr>
{% endfor %}
</tbody></table></div>
{% endif %}
<main>
{% for section in sections %}
  {% set section_loop = loop -%}
  {% include 'section.j2' %}
{% endfor %}
</main>
<footer><p>Rendered by Great Expectations {{ library }}. Values about a person are masked.</p></footer>
</body>
</html>
"""
)


def outcome_cell(result: RuleResult) -> tuple[str, str]:
    """Return the class and the text of the cell that tells what became of a rule."""
    match result.state:
        case RuleState.BROKEN:
            return "count broken", str(result.unexpected)
        case RuleState.ERROR:
            return "broken", "error"
        case RuleState.NOT_EVALUATED | RuleState.HELD:
            return "", result.state.label
        case _:
            assert_never(result.state)
