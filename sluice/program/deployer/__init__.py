"""The roles that GitHub takes to preview and to deploy one stack."""
