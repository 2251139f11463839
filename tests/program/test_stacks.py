"""The project and stack files are what the real CLI reads; a misspelled key there passes it without a word."""

from typing import Any

import pulumi_aws as aws

from sluice.program import property_types
from sluice.program.stack_files import load_project, load_stack_file

TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list}


def provider_settings(stack: str) -> dict[str, Any]:
    return {key.removeprefix("aws:"): value for key, value in load_stack_file(stack).items() if key.startswith("aws:")}


def test_the_project_file_has_only_keys_that_the_cli_reads() -> None:
    assert set(load_project()) == {"name", "description", "runtime", "config"}
    assert set(load_project()["runtime"]) == {"name", "options"}
    assert load_project()["runtime"]["options"] == {"toolchain": "pip", "virtualenv": ".venv"}
    for key, spec in load_project()["config"].items():
        assert set(spec) <= {"type", "items", "default", "description"}, key
        assert spec["type"] in TYPES, key


def test_a_setting_that_the_provider_lacks_is_found() -> None:
    wrong = provider_settings("local") | {
        "s3UsePathStile": True,
        "defaultTags": {"tag": {}},
        "endpoints": [{"s4": "u"}],
    }
    unknown_fields = {fault.split(" is no")[0] for fault in property_types.mapping_faults(wrong, aws.ProviderArgs, "")}
    assert unknown_fields == {"defaultTags.tag", "endpoints[0].s4", "s3UsePathStile"}


def test_the_emulators_stack_reaches_every_service_that_the_program_uses(graphs: dict[str, Any]) -> None:
    services = {node.type.split(":")[1].split("/")[0] for node in graphs["local"].nodes.values() if node.custom}
    endpoints = provider_settings("local")["endpoints"]
    named = {name for entry in endpoints for name in entry}
    assert {"cloudwatch"} <= services
    assert services <= named
    # the provider asks STS who it is, and S3 Control for tags; rules and logs are services of their own
    assert {"sts", "s3control", "events", "logs"} <= named
    assert {url for entry in endpoints for url in entry.values()} == {"http://127.0.0.1:4566"}


def test_the_emulators_stack_is_nobodys_account() -> None:
    local = provider_settings("local")
    # The keys are in the exports of `sluice up`, new at each start.
    assert not {"accessKey", "secretKey", "token", "profile"} & set(local)
    assert all(local[key] is True for key in ("skipCredentialsValidation", "skipMetadataApiCheck", "s3UsePathStyle"))
    assert "skipRequestingAccountId" not in local
