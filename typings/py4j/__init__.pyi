# What this repository uses of Py4J, which declares no types of its own; any other name is of any type.
