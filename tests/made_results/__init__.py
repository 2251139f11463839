"""Results of a lake that never was: contracts, lines of runs and rules, and verdicts of its bad days, by a seed."""
