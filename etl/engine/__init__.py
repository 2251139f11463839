"""The gate that rides on the pass that writes (docs/decisions/0008).

`library` asks Great Expectations which Spark columns its metrics need and later gives it the observed values; `mask` packs
row rules into bits; `tally` observes them beside the write; `objects` does so for each raw object, `keys` proves keys unique.
`plain` makes one regular expression of a whole line, of what `automaton` knows of patterns; `bounds` compares decimals so.
"""
