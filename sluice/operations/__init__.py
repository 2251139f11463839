"""An operator's commands against a deployed lake, on AWS or in the sandbox: nothing here runs on Glue or needs a JVM."""
