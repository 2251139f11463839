"""What a run's branch ends in, held against what each write had to be made on."""

from dataclasses import dataclass

from etl.errors import Superseded
from etl.iceberg.current_snapshot import Head, head
from etl.runtime.arguments import Order
from etl.storage.clients import Clients


@dataclass
class Tip:
    """The last snapshot of a run's branch, None before the first publish; at first that which the run's ledger belongs to.

    A branch comes to be with its first write, on what `main` shows then: another run may have published since this one began.
    And a run that took this one for dead may have dropped it: the next write makes it anew, without what was on it.
    """

    aws: Clients
    order: Order
    at: str | None

    def follow(self) -> Head:
        """Return the branch's head after a write.

        Raises:
            Superseded: it was made on anything but the last one.
        """
        now = head(self.aws.glue, self.aws.s3, self.order.table, self.order.branch)
        if self.at not in (now.snapshot, now.parent):
            raise Superseded(
                f"superseded: {self.order.dataset}: another run published while this one worked; run again"
            )
        self.at = now.snapshot
        return now
