"""What goes into a pull request's comment: values in code spans, in which GitHub makes nothing of them."""

import json
import re
import unicodedata
from html import unescape

import pytest
from markdown_it import MarkdownIt

from etl.wording import clean_text
from sluice.contracts.tables import LONGEST_CODE, as_json, code_span, markdown_table

NASTY = [
    "![](https://evil.example/pixel.png)",
    "[click](https://evil.example)",
    "https://evil.example",
    "www.evil.example",
    "someone@evil.example",
    "@octocat @org/team",
    "#1 owner/repo#2 GH-3",
    "<img src=x onerror=alert(1)><!-- x",
    "</code><script>",
    "&lt;b&gt; &#64;octocat",
    "a|b",
    r"^a\|b$",
    r"^a\\|b$",
    "a`b",
    "``a```b``",
    "`",
    " `a` ",
    " a ",
    "two\nlines\r\n| a | row |",
    "# head\n\n- list",
    "\x1b[31mred",
    "\u202egnp.exe",
    "*bold* _it_ ~~no~~ $x$",
    "\\",
    "a\\",
    "```\nblock\n```",
]


def render_markdown(markdown: str) -> str:
    """Return the HTML that GitHub's kind of Markdown makes of it: tables, HTML and bare links are all allowed."""
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(markdown)


def code_spans(html: str) -> list[str]:
    """Return what the code spans of HTML show."""
    return [unescape(span) for span in re.findall(r"<code>(.*?)</code>", html)]


def text_around_spans(html: str) -> str:
    """Return HTML without its code spans: what GitHub looks through for mentions and links."""
    return re.sub(r"<code>.*?</code>", "", html)


@pytest.mark.parametrize("text", NASTY)
def test_a_value_is_a_code_span_that_shows_it_whole(text: str) -> None:
    html = render_markdown(f"- {code_span(text)} end")
    assert code_spans(html) == [clean_text(text)]
    assert text_around_spans(html) == "<ul>\n<li> end</li>\n</ul>\n"


@pytest.mark.parametrize("text", NASTY)
def test_a_value_in_a_table_stays_in_its_cell(text: str) -> None:
    html = render_markdown(markdown_table(("what", "how"), [(text, "added")], plain_columns=("how",)))
    cleaned = clean_text(text).replace(r"^a\|b$", r"^a\\|b$")
    assert code_spans(html) == [cleaned]
    assert text_around_spans(html).count("<td>") == 2
    assert "<td></td>\n<td>added</td>" in text_around_spans(html)


def test_an_empty_value_is_an_empty_cell() -> None:
    assert [code_span(""), code_span("  ")] == ["", ""]


def test_a_long_value_is_cut_off() -> None:
    assert len(code_span("x" * 100_000)) == LONGEST_CODE + 3


def test_json_is_the_same_data_and_clean() -> None:
    plain = {text: [text] for text in NASTY}
    text = as_json(plain)
    assert json.loads(text) == plain
    assert not [letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf") and letter != "\n"]
