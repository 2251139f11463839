"""What of the user's surroundings reaches the sandbox: next to nothing, and never a way to a real account."""

import os

LOOPBACK = "127.0.0.1"
ISOLATED_ENVIRONMENT = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": LOOPBACK,
    "no_proxy": LOOPBACK,
}


def clean_environment(*extra_names: str) -> dict[str, str]:
    """Return the environment for a process of ours: where programs are, the user's home and language, and `extra_names`."""
    return {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", *extra_names) if name in os.environ
    } | ISOLATED_ENVIRONMENT


def forget_aws() -> None:
    """Drop the user's own AWS settings from this process."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(ISOLATED_ENVIRONMENT)
