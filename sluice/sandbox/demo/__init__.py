"""`make demo`: days through the gate, told to somebody who has seen none of it."""
