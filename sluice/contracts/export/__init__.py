"""`export`: contracts as other tools read them."""
