"""Contracts as a reviewer reads them: lint, diff, the schema for editors."""
