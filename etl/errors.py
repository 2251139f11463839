"""What can go wrong with a run, as the operator reads it: what was found, where, and what to do."""


class SluiceError(Exception):
    """A fault that the run explains itself; the message is what Glue shows."""


class ContractInvalid(SluiceError):
    """A contract that must not be run: its message lists every fault with file, rule and remedy."""


class ContractBroken(SluiceError):
    """Data broke its contract: nothing of the run was published."""


class ObjectChanged(SluiceError):
    """A raw object changed while the run read it: nothing was published, the next run takes the new version."""


class RowsLost(SluiceError):
    """What was staged and set aside is not what was read: nothing was published."""


class Superseded(SluiceError):
    """Another run published while this one worked: nothing of this run was published."""


class UnknownDataset(SluiceError):
    """The job was asked for a dataset that the package has no transform for."""
