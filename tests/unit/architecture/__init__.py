"""Tests of what is read from the code about its own structure."""
