"""What previewing and deploying a stack takes, as managed policies, one a subject.

The previewing role reads what the program declares and nothing that flowed through it: whoever opens a pull request
writes the code that runs under it.
"""

from collections.abc import Callable

from components.access.policy_documents import Document, Statement, policy_document
from sluice.program.deployer import catalog, channels, flow, key, roles, state, storage, warehouse, watch
from sluice.program.deployer.target import DeployTarget

SUBJECTS = {
    "state": state,
    "storage": storage,
    "catalog": catalog,
    "roles": roles,
    "flow": flow,
    "watch": watch,
    "channels": channels,
    "key": key,
}
"""What each policy is about; a stack with a warehouse has one more."""


def preview_policies(target: DeployTarget) -> dict[str, Document]:
    """Return by name what reads the stack's own state, and what is declared."""
    return managed_policies(target, "preview", lambda subject: subject.read_statements(target))


def deploy_policies(target: DeployTarget) -> dict[str, Document]:
    """Return by name what reads and writes the stack's own state, and what is declared."""
    return managed_policies(
        target, "deploy", lambda subject: [*subject.read_statements(target), *subject.write_statements(target)]
    )


def managed_policies(
    target: DeployTarget, role: str, statements: Callable[..., list[Statement]]
) -> dict[str, Document]:
    """Return a role's managed policies by name, a document for each subject."""
    names = target.names
    subjects = SUBJECTS | ({"redshift": warehouse} if target.redshift else {})
    return {
        f"{names.prefix}-{role}-{names.stack}-{name}": policy_document(*statements(subject))
        for name, subject in subjects.items()
    }
