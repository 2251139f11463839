"""What can go wrong with a run, as the operator reads it: what was found, where, and what to do."""


class SluiceError(Exception):
    """A fault that the run explains itself; the message is what Glue shows."""


class ContractInvalid(SluiceError):
    """A contract that must not be run: its message lists every fault with file, rule and remedy."""


class ContractBroken(SluiceError):
    """Data broke its contract: nothing of the run was published."""


class RuleInError(SluiceError):
    """A rule could not be judged, which is no fault of the data: nothing of the run was published."""


class KeysShared(ContractBroken):
    """Only keys keep some objects out: `objects` are those that the table holds these keys from."""

    def __init__(self, message: str, objects: frozenset[str]) -> None:
        super().__init__(message)
        self.objects = objects


class ContractKept(SluiceError):
    """Objects on trial kept their contract; nothing of them was to be published."""


class EngineFailed(SluiceError):
    """A fault of the machine or of ours where values may be about persons: told by its class, without its message."""


class ObjectChanged(SluiceError):
    """A raw object changed while the run read it: nothing was published, the next run takes the new version."""


class NothingToReplay(SluiceError):
    """A replay was asked for of a run, or of rows, that are not set aside; nothing was published."""


class NothingToRerun(SluiceError):
    """An object was to be read again that is not there; nothing was published."""


class WithdrawRefused(SluiceError):
    """An object cannot be withdrawn: it is not there, or what its rows had replaced cannot come back; nothing was changed."""


class StillBroken(SluiceError):
    """Every row of a replay still breaks a rule: they stay set aside as they were."""


class MigrationNeeded(SluiceError):
    """A table is not as its contract declares it, and Sluice may not make it so: nothing was changed or staged."""


class ForeignSnapshot(SluiceError):
    """Somebody else wrote to the published table: what it holds is unknown, so nothing is published until it is rolled back."""


class LedgerGone(SluiceError):
    """A file of the published ledger is not there any more: what the table holds is to be rebuilt from its rows."""


class MetadataGone(SluiceError):
    """The metadata file of a table is not there any more: what the table has is unknown until it is restored."""


class VerdictUnreadable(SluiceError):
    """A stored file is no verdict, or one of a later version of Sluice."""


class ResultsUnreadable(SluiceError):
    """A stored file has no lines of results, or those of a later version of Sluice."""


class RowsLost(SluiceError):
    """What was staged and set aside is not what was read: nothing was published."""


class Superseded(SluiceError):
    """Another run published while this one worked: nothing of this run was published."""


class UnknownDataset(SluiceError):
    """The job was asked for a dataset that the package has no transform for."""


class Denied(SluiceError):
    """A permission is missing: the message names the action and the resource."""


class ClockWrong(SluiceError):
    """The machine's clock is more than a minute wrong: nothing was read or published."""
