"""A lake that only the tests know: contracts and days that differ from the user's own."""
