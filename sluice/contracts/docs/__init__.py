"""The static site of all contracts: pages that need no script, load nothing, and read on a phone."""
