"""The keys of the emulator that all groups of tests share."""

from sandbox.keys import Keys

KEYS = Keys.random()
