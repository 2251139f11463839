"""`schema`: the JSON Schema of suite files."""
