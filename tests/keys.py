"""The keys of the emulator that all groups of tests share."""

from sluice.sandbox.emulator.keys import AccessKeys

KEYS = AccessKeys.generate()
