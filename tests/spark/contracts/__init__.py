"""Tests of contract tools that judge rows with Spark."""
