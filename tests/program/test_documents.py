"""What the pages say is there is there."""

import re
from pathlib import Path

import pytest

from components.access import policy_documents, resource_policies
from components.names import Names
from sluice.program.graph import ROOT, Graph
from sluice.program.policies import POLICIES
from sluice.program.policies.policy import policy_statements
from tests.fences import PAGES as page_texts

SECURITY = (ROOT / "docs" / "security.md").read_text()
LINES = [line.split("|")[1:-1] for line in SECURITY.splitlines() if line.startswith("| ") and "`" in line]
ROWS = [cells for cells in LINES if len(cells) > 3]
DOCUMENTS = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:kms/key:Key": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
}


PAGES = [ROOT / page for page in page_texts]


def anchor_of(title: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def links_of(page: Path) -> list[str]:
    """The links of a page that stay in the repository; code is no link."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", prose) if "://" not in link]


def broken_links(page: Path) -> list[str]:
    """The links of a page whose file or heading is not there."""
    faults = []
    for link in links_of(page):
        path, _, fragment = link.partition("#")
        target = (page.parent / path) if path else page
        headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE) if fragment else []
        if not target.exists() or (fragment and fragment not in map(anchor_of, headings)):
            faults.append(f"{page.relative_to(ROOT)}: {link}")
    return faults


def test_every_link_of_every_page_leads_to_a_file_and_a_heading() -> None:
    assert sum(len(links_of(page)) for page in PAGES) > 100
    assert [link for page in PAGES for link in broken_links(page)] == []


@pytest.mark.parametrize("page", ["new-stack.md", "adding-a-dataset.md", "taking-down.md"])
def test_a_page_on_a_change_of_the_lake_is_found_from_deploying(page: str) -> None:
    assert page in links_of(ROOT / "docs" / "deploying.md")


def test_every_policy_is_in_the_table_of_controls() -> None:
    documented = {name for row in ROWS for name in re.findall(r"`([a-z-]+\.[a-z-]+)`", row[3])}
    assert documented == {policy.id for policy in POLICIES}


def test_every_file_that_the_table_names_is_there() -> None:
    assert len(ROWS) > 25
    named = {name for row in ROWS for cell in row[2:] for name in re.findall(r"`([\w/.*-]+\.(?:py|txt|yaml))`", cell)}
    assert named
    assert [name for name in sorted(named) if not list(ROOT.glob(name))] == []


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_every_statement_says_what_it_is_for(graph: Graph, kind: str) -> None:
    for node in graph.nodes_of_type(kind):
        sids = [statement.get("Sid") for statement in policy_statements(node.inputs[DOCUMENTS[kind]])]
        assert sids
        assert all(sids), node.name
        assert len(sids) == len(set(sids)), node.name


def test_every_star_is_explained_where_it_is_written() -> None:
    """No `*` resource without a comment, or a document's own explanation, that cites why AWS needs it."""
    lines = (ROOT / "components" / "access" / "policy_documents.py").read_text().splitlines()
    stars = [index for index, line in enumerate(lines) if '"*"' in line and "principal" not in line.lower()]
    assert stars
    for index in stars:
        near = "\n".join(lines[max(0, index - 8) : index + 1])
        assert re.search(r"# .*\(.*(Reference|guide)", near), lines[index]


def test_nothing_is_denied_or_granted_to_everyone_but_by_the_tls_policy() -> None:
    dev_names = Names("sluice", "dev", "eu-west-1", "123456789012")
    documents = [
        *(
            resource_policies.bucket_policy(dev_names, "raw"),
            resource_policies.key_policy(dev_names),
            resource_policies.alarms_topic_policy(dev_names, "alarms"),
        ),
        policy_documents.glue_trust(dev_names),
    ]
    everyone = [
        statement["Sid"]
        for document in documents
        for statement in document["Statement"]
        if statement.get("Principal") == "*"
    ]
    assert everyone == ["RefuseWithoutTls"]
