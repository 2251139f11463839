"""An AWS emulator on loopback, and what it takes to run Glue jobs, flows and alarms in it."""
