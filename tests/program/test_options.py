"""One model says of every option what it takes; the project file, the page and the messages follow from it."""

import json
import re
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from components.settings.config_reader import BadConfiguration
from components.settings.dataset_options import DatasetEntry
from components.settings.option_types import Options
from components.settings.options import GROUPS, StackOptions
from components.settings.stack_settings import parse_settings
from sluice.program import options_page
from sluice.program.options_page import PAGE, PROJECT_FILE, render_page, render_project
from tests.program.test_settings import make_settings, raw_settings

MODELS = (*GROUPS, DatasetEntry)
EXAMPLES = [
    (model, key, schema["examples"][0])
    for model in MODELS
    for key, schema in model.model_json_schema()["properties"].items()
]
PASSWORD = "hunter2-hunter2"


def test_the_project_file_and_the_page_are_as_the_model_has_them() -> None:
    project = PROJECT_FILE.read_text()
    assert render_project(project) == project, "out of date: make options"
    assert render_page() == PAGE.read_text(), "out of date: make options"


def test_the_project_file_declares_every_option_of_the_model_and_no_other() -> None:
    assert set(yaml.safe_load(PROJECT_FILE.read_text())["config"]) == set(StackOptions.model_fields)


def test_a_project_file_without_options_is_an_error() -> None:
    with pytest.raises(LookupError, match="no `config:`"):
        render_project("name: sluice\n")


def test_a_file_that_was_changed_by_hand_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: Any
) -> None:
    stale = tmp_path / "options.md"
    stale.write_text(PAGE.read_text().replace("`protect`", "`protected`"))
    monkeypatch.setattr(options_page, "PAGE", stale)
    monkeypatch.setattr(options_page, "ROOT", tmp_path)
    monkeypatch.setattr(options_page, "PROJECT_FILE", PROJECT_FILE)
    assert options_page.main(["--check"]) == 1
    assert capsys.readouterr().out == "options.md is out of date: make options\n"


@pytest.mark.parametrize(("model", "key", "example"), EXAMPLES)
def test_every_option_has_a_meaning_and_an_example_that_it_takes(model: type[Options], key: str, example: Any) -> None:
    field = model.model_fields[key]
    assert field.description
    assert example != field.get_default(call_default_factory=True)
    read = getattr(model.model_validate({key: example}), key)
    assert json.loads(json.dumps(read)) == example


@pytest.mark.parametrize("key", sorted(StackOptions.model_fields))
def test_every_default_is_one_that_its_option_takes(key: str) -> None:
    schema = StackOptions.model_json_schema()["properties"][key]
    if "default" in schema:
        read = getattr(StackOptions.model_validate({key: schema["default"]}), key)
        assert read == StackOptions.model_fields[key].get_default()


@pytest.mark.parametrize(("model", "key", "example"), EXAMPLES)
def test_a_value_means_the_same_as_text_and_as_yaml(model: type[Options], key: str, example: Any) -> None:
    """The engine hands over texts, and `pulumi config set` leaves them in the file."""
    if key in DatasetEntry.of_one_dataset:
        return  # lies within an entry, whose values are YAML's own
    text = example if isinstance(example, str) else json.dumps(example)
    assert model.model_validate({key: text}) == model.model_validate({key: example})


def test_options_never_change_and_take_no_other_key() -> None:
    options = make_settings().options
    with pytest.raises(ValidationError, match="frozen"):
        options.protect = True  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError, match="extra_forbidden"):
        StackOptions.model_validate({"worker": 2})


def test_the_models_own_error_shows_no_value() -> None:
    with pytest.raises(ValidationError) as refused:
        StackOptions.model_validate({"lineage": PASSWORD})
    assert PASSWORD not in str(refused.value)


SECRETS = [
    {"lineage": PASSWORD},
    {"alarm_email": PASSWORD},
    {"schedule": f"cron({PASSWORD} 6 * * ? *)"},
    {"workers": f"{PASSWORD}{'0' * 90}"},
    {"datasets": json.dumps({"trades": {"needs": [PASSWORD]}})},
    {"datasets": json.dumps({"trades": {"schedule": f"cron({PASSWORD} 6 * * ? *)"}})},
    {"datasets": json.dumps({"trades": PASSWORD})},
    {"redshift": "true", "redshift_datasets": json.dumps([PASSWORD])},
    {"unknown": PASSWORD},
]


@pytest.mark.parametrize("values", SECRETS)
def test_no_message_holds_what_a_stack_keeps_encrypted(values: dict[str, Any]) -> None:
    with pytest.raises(BadConfiguration) as refused:
        parse_settings(raw_settings(**values), "dev", "eu-west-1", secret_keys=list(values))
    assert ": takes " in str(refused.value)
    assert PASSWORD[:7] not in str(refused.value)


def test_no_message_holds_the_password_of_a_url() -> None:
    with pytest.raises(BadConfiguration, match=re.escape('sluice:lineage is "https://***@lineage.acme.de": takes ')):
        make_settings(lineage=f"https://me:{PASSWORD}@lineage.acme.de")


def test_what_is_wrong_by_itself_hides_nothing_that_is_wrong_together() -> None:
    """A check of two options runs also where a third is wrong."""
    entries = {"trades": {"workers": 1, "needs": ["buyers", "buyers", "nobody"]}, "buyers": {}}
    with pytest.raises(BadConfiguration) as refused:
        make_settings(protect="true", raw_expire_days="30", redshift_rpus="12", datasets=json.dumps(entries))
    faults = {line.partition(":")[2].partition(" is ")[0] for line in str(refused.value).splitlines()[1:]}
    trades = "datasets.trades"
    assert faults == {f"{trades}.workers", f"{trades}.needs", "alarm_email", "raw_expire_days", "redshift_rpus"}
    assert "each dataset once" in str(refused.value)
    assert "which lacks nobody" in str(refused.value)


def test_a_wrong_timeout_makes_no_other_option_wrong() -> None:
    with pytest.raises(BadConfiguration) as refused:
        make_settings(timeout="0")
    assert len(str(refused.value).splitlines()) == 2


def test_a_stacks_value_that_every_dataset_overrides_is_not_looked_at() -> None:
    assert [
        dataset.workers for dataset in make_settings(workers="1", datasets='{"buyers": {"workers": 3}}').datasets
    ] == [3]
