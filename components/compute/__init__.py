"""The Glue jobs, and the code and packages that they run."""
