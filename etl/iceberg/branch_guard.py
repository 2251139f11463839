"""What a run's branch ends in, held against what each write had to be made on."""

from dataclasses import dataclass

from etl.errors import Superseded
from etl.iceberg.current_snapshot import Head, read_head
from etl.runtime.arguments import JobArguments
from etl.storage.clients import Clients


@dataclass
class BranchGuard:
    """The last snapshot of a run's branch, None before the first publish; at first that which the run's ledger belongs to.

    A branch comes to be with its first write, on what `main` shows then: another run may have published since this one began.
    And a run that took this one for dead may have dropped it: the next write makes it anew, without what was on it. `branch`
    is the run's own where none is named.
    """

    aws: Clients
    arguments: JobArguments
    snapshot: str | None
    branch: str = ""

    def follow_write(self) -> Head:
        """Return the branch's head after a write.

        Raises:
            Superseded: it was made on anything but the last one.
        """
        branch = self.branch or self.arguments.branch
        branch_head = read_head(self.aws.glue, self.aws.s3, self.arguments.table, branch)
        if self.snapshot not in (branch_head.snapshot, branch_head.parent):
            raise Superseded(
                f"superseded: {self.arguments.dataset}: another run published while this one worked; run again"
            )
        self.snapshot = branch_head.snapshot
        return branch_head
