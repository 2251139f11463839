"""The program through Pulumi's real engine: a strict stand-in for the AWS provider, and the steps of `make engine`."""
