"""One dataset in one stack: its part of the graph, and what its contract and the stack's file say."""

import json
from dataclasses import dataclass
from typing import Any

from sluice.program.graph import STACKS, Graph
from sluice.program.policies.policy import policy_statements
from sluice.program.stack_files import load_stack_file
from tests.lake import LAKE

JOB, ROLE_POLICY = "aws:glue/job:Job", "aws:iam/rolePolicy:RolePolicy"


def deployed_datasets(stack: str) -> list[str]:
    """The datasets of a stack, in the order of their names, which is the engine's."""
    return sorted(load_stack_file(stack)["sluice:datasets"])


DEPLOYED = [(stack, dataset) for stack in STACKS for dataset in deployed_datasets(stack)]


@dataclass(frozen=True)
class Deployed:
    """The resources and texts of one dataset."""

    graph: Graph
    dataset: str

    @property
    def name_prefix(self) -> str:
        """The name that its resources share."""
        return f"sluice-{self.graph.stack}-{self.dataset}"

    @property
    def job(self) -> dict[str, Any]:
        return self.resource_inputs(JOB, "job-job")

    @property
    def arguments(self) -> dict[str, str]:
        return self.job["defaultArguments"]

    @property
    def job_policy(self) -> dict[str, Any]:
        """The document of the role that its job runs as."""
        return json.loads(self.resource_inputs(ROLE_POLICY, "job-role-policy")["policy"])

    @property
    def statement_ids(self) -> set[str]:
        return {statement["Sid"] for statement in policy_statements(json.dumps(self.job_policy))}

    @property
    def sources(self) -> list[str]:
        """The datasets whose tables it is built from; none where it is built from files."""
        meta = json.loads((LAKE / "expectations" / self.dataset / "input.json").read_text())["meta"]
        return [source["dataset"] for source in meta.get("sources", [])]

    @property
    def output_meta(self) -> dict[str, Any]:
        """The meta of its output contract."""
        return json.loads((LAKE / "expectations" / self.dataset / "output.json").read_text())["meta"]

    def configured_value(self, key: str, default: Any) -> Any:
        """What the stack's file says of this dataset, else of all of them, else the default."""
        file = load_stack_file(self.graph.stack)
        return file["sluice:datasets"][self.dataset].get(key, file.get(f"sluice:{key}", default))

    def resource_inputs(self, kind: str, name: str) -> dict[str, Any]:
        """The inputs of its one resource of that type and name."""
        return self.graph.node_named(kind, f"{self.dataset}-{name}").inputs

    def bucket_name(self, zone: str) -> str:
        return f"sluice-{self.graph.stack}-{zone}-123456789012"
