"""A message as a flat object, for other HTTPS endpoints: each value is a text or a number, under a name that stays."""

from collections.abc import Mapping

from etl.messages.content import Content
from etl.results.rule_result import RuleResult
from etl.wording import join_names

MAX_RULES_NAMED = 20


def render_event(
    content: Content, labels: Mapping[str, str], subject: str, text: str, rules: list[RuleResult]
) -> dict[str, str | int]:
    """Return the object; `labels` are those of the run with kind and severity, `text` is the e-mail's."""
    links = {f"{link.label.lower().replace(' ', '_')}_url": link.target for link in content.links}
    return {
        "version": 1,
        **labels,
        "subject": subject,
        "title": content.title,
        "readers": content.readers,
        "rules": join_names([result.rule for result in rules], MAX_RULES_NAMED),
        "rules_broken": len(rules),
        "text": text,
        **links,
    }
