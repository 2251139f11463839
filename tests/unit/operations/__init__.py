"""Tests of an operator's commands that ask no emulator."""
