"""The tools beside the job and the program: contracts, operations, the sandbox, and looks at the program."""
