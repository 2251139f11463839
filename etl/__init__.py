"""What runs on Glue: the way of one file from the raw bucket to the published table."""
