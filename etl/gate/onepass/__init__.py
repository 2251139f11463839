"""The gate that rides on the pass that writes (docs/decisions/0008).

`library` asks Great Expectations which Spark columns its metrics need (`collected`), later gives it the observed values;
`mask` packs row rules into bits; `tally` observes them beside the write; `objects` does so for each raw object. `questions`
are what no tally tells: `written` answers them from the data files (`files`, `hashes`, `shares`, `counts`), and those of the
input where the columns are `unchanged`. `plain` makes one regular expression of a whole line, of what `automaton` knows of
patterns and `times` of formats; `bounds` compares decimals first.
"""
