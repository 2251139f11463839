"""The lake on this machine: an AWS emulator, the emulated deploy, and the commands that try a day in it.

Hides the emulator's inside: what a user does goes through AWS's own API.
"""

__all__ = ["commands", "emulator", "jobs", "output", "published_values"]
