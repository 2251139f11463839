"""The embedded default: emulator, emulated deploy, Glue runs on local Spark, and the commands."""
