"""What the staging branches of a table are called: after the run, the maintenance or the forgetting that makes them."""

RUN_PREFIX, MAINTENANCE_PREFIX, FORGET_PREFIX = "run_", "maintain_", "forget_"
DIFFERENCE = "difference_"


def run_branch(run_id: str) -> str:
    """Return the branch that a run stages on."""
    return f"{RUN_PREFIX}{run_id}"


def difference_branch(run_id: str) -> str:
    """Return the branch on which a run writes what a snapshot changes of the table."""
    return f"{RUN_PREFIX}{DIFFERENCE}{run_id}"


def maintenance_branch(run_id: str) -> str:
    """Return the branch that a maintenance rewrites on."""
    return f"{MAINTENANCE_PREFIX}{run_id}"


def forget_branch(run_id: str) -> str:
    """Return the branch that rows are forgotten on."""
    return f"{FORGET_PREFIX}{run_id}"


def run_of_branch(branch: str) -> str:
    """Return the id of the run whose branch it is; any other branch's name as it is."""
    return branch.removeprefix(RUN_PREFIX).removeprefix(DIFFERENCE)
