"""Tests without Spark and without an emulator."""
