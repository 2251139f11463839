"""What the pages say is there is there."""

import re

import pytest

from components import access, resource_policies
from components.names import Names
from sandbox.graph import ROOT, Graph
from sandbox.policies import POLICIES
from sandbox.policies.policy import statements

SECURITY = (ROOT / "docs" / "security.md").read_text()
ROWS = [line.split("|")[1:-1] for line in SECURITY.splitlines() if line.startswith("| ") and "`" in line]
DOCUMENTS = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:kms/key:Key": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
}


def test_every_policy_is_in_the_table_of_controls() -> None:
    held = {name for row in ROWS for name in re.findall(r"`([a-z-]+\.[a-z-]+)`", row[3])}
    assert held == {policy.id for policy in POLICIES}


def test_every_file_that_the_table_names_is_there() -> None:
    assert len(ROWS) > 25
    named = {name for row in ROWS for cell in row[2:] for name in re.findall(r"`([\w/.*-]+\.(?:py|txt|yaml))`", cell)}
    assert named
    assert [name for name in sorted(named) if not list(ROOT.glob(name))] == []


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_every_statement_says_what_it_is_for(graph: Graph, kind: str) -> None:
    for node in graph.of(kind):
        sids = [one.get("Sid") for one in statements(node.inputs[DOCUMENTS[kind]])]
        assert sids
        assert all(sids), node.name
        assert len(sids) == len(set(sids)), node.name


def test_every_star_is_explained_where_it_is_written() -> None:
    """No `*` resource without a comment, or a document's own explanation, that cites why AWS needs it."""
    lines = (ROOT / "components" / "access.py").read_text().splitlines()
    stars = [at for at, line in enumerate(lines) if '"*"' in line and "principal" not in line.lower()]
    assert stars
    for at in stars:
        near = "\n".join(lines[max(0, at - 8) : at + 1])
        assert re.search(r"# .*\(.*(Reference|guide)", near), lines[at]


def test_nothing_is_denied_or_granted_to_everyone_but_by_the_tls_policy() -> None:
    here = Names("sluice", "dev", "eu-west-1", "123456789012")
    documents = [
        *(resource_policies.bucket(here, "raw"), resource_policies.key(here), resource_policies.topic(here)),
        access.glue_trust(here),
    ]
    everyone = [one["Sid"] for document in documents for one in document["Statement"] if one.get("Principal") == "*"]
    assert everyone == ["RefuseWithoutTls"]
