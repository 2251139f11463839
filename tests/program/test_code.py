"""What runs on Glue is uploaded under keys that say what it is."""

import hashlib
import io
import os
import zipfile
from pathlib import Path

import pulumi
import pytest

from components import mock_run
from components.compute import packages, wheels
from components.compute.code import content_hash
from components.settings.config_reader import BadConfiguration
from sluice.program.graph import ROOT, Graph, Node, run_program
from sluice.program.plan import plan_stack
from tests.lake import LAKE
from tests.program.deployed import Deployed, deployed_datasets
from tests.program.deployment import ONE_DATASET

OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"


def uploaded_object(graph: Graph, name: str) -> Node:
    return graph.node_named(OBJECT, f"code-{name}")


def object_keys(graph: Graph) -> dict[str, str]:
    """The keys of all objects by their names in the program."""
    return {node.name: node.inputs["key"] for node in graph.nodes_of_type(OBJECT)}


def zip_folder(folder: Path) -> bytes:
    return packages.zip_modules(packages.package_modules(folder, folder / "datasets"))


def test_the_package_is_the_same_bytes_wherever_and_whenever_it_is_made(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "etl", tmp_path / "b" / "etl"
    for folder, names in ((first, ("x.py", "datasets/__init__.py")), (second, ("datasets/__init__.py", "x.py"))):
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
    (second / "x.py").chmod(0o755)
    os.utime(second / "x.py", (1, 1))
    (second / "__pycache__").mkdir()
    (second / "__pycache__" / "x.pyc").write_bytes(b"compiled")
    assert zip_folder(first) == zip_folder(second)
    (second / "x.py").write_text("other")
    assert zip_folder(first) != zip_folder(second)


def test_the_package_holds_the_whole_of_etl_and_nothing_else() -> None:
    inside = zipfile.ZipFile(io.BytesIO(packages.zip_package())).namelist()
    product = {path.relative_to(ROOT).as_posix() for path in (ROOT / "etl").rglob("*.py")}
    of_a_user = {path for path in product if path.startswith("etl/datasets/") and path != "etl/datasets/__init__.py"}
    of_the_tests = {path.relative_to(LAKE).as_posix() for path in (LAKE / "etl").rglob("*.py")}
    assert len(of_the_tests) == 4
    assert set(inside) == product - of_a_user | of_the_tests
    assert "etl/__main__.py" in inside
    assert len(inside) == len(set(inside))


def test_the_package_that_is_uploaded_is_the_one_its_key_names(graph: Graph) -> None:
    package = uploaded_object(graph, "package")
    content = (ROOT / package.inputs["source"].path).read_bytes()
    assert content == packages.zip_package()
    assert package.inputs["key"] == f"code/etl-{hashlib.sha256(content).hexdigest()[:16]}.zip"


def test_a_changed_contract_is_another_object_and_nothing_else_changes(mutant, graphs: dict[str, Graph]) -> None:
    changed = mutant(("components/settings/contracts.py", "input=texts[Stage.INPUT]", 'input=texts[Stage.INPUT] + " "'))
    before, after = object_keys(graphs["dev"]), object_keys(changed)
    assert set(before) == set(after)
    inputs = {f"code-{dataset}-input" for dataset in deployed_datasets("dev")}
    assert {name for name in before if before[name] != after[name]} == inputs


def test_a_contract_is_uploaded_as_it_was_written_and_readable_in_a_preview(deployed: Deployed) -> None:
    for side in ("input", "output"):
        text = (LAKE / "expectations" / deployed.dataset / f"{side}.json").read_text()
        assert uploaded_object(deployed.graph, f"{deployed.dataset}-{side}").inputs["content"] == text


def test_the_wheels_are_named_after_their_lock(graph: Graph) -> None:
    locked = content_hash((ROOT / "requirements-glue.txt").read_bytes())
    assert uploaded_object(graph, "wheels").inputs["key"] == f"code/wheels2-{locked}.gluewheels.zip"


@pytest.fixture
def unbuilt(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(wheels, "BUNDLE", ROOT / ".wheels" / "none.gluewheels.zip")
    return wheels.BUNDLE


def test_a_plan_goes_without_the_bundle_and_says_so(unbuilt: Path, caplog: pytest.LogCaptureFixture) -> None:
    graph = run_program("dev", changed=ONE_DATASET, preview=True)
    assert isinstance(uploaded_object(graph, "wheels").inputs["source"], pulumi.StringAsset)
    assert "run `make wheels`" in caplog.text
    (line,) = [line for line in plan_stack(graph)["warnings"] if "make wheels" in line]
    assert line in caplog.text
    assert "none.gluewheels.zip is not built" in caplog.text


def test_an_emulator_needs_no_bundle(unbuilt: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = uploaded_object(run_program("local", changed=ONE_DATASET), "wheels").inputs["source"]
    assert isinstance(source, pulumi.StringAsset)
    assert "make wheels" not in caplog.text


def test_the_engine_is_refused_before_a_resource_is_registered(unbuilt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mock_run, "get_monitor", object)  # no mocks: an engine
    with pytest.raises(BadConfiguration, match=r"run `make wheels`:\n  .*none.gluewheels.zip is not built"):
        packages.check_bundle(needed=True)
    packages.check_bundle(needed=False)
    page = (ROOT / "__main__.py").read_text()
    assert page.index("packages.check_bundle(") < page.index("Key(")


def test_the_built_bundle_is_what_is_uploaded(monkeypatch: pytest.MonkeyPatch) -> None:
    built = ROOT / ".wheels" / "test.gluewheels.zip"
    monkeypatch.setattr(wheels, "BUNDLE", built)
    built.write_bytes(b"wheels")
    try:
        source = uploaded_object(run_program("dev", changed=ONE_DATASET), "wheels").inputs["source"]
        assert source.path == ".wheels/test.gluewheels.zip"
    finally:
        built.unlink()


def test_with_or_without_the_bundle_a_preview_shows_no_change(graph: Graph) -> None:
    """The key says which wheels they are; the file itself is not compared."""
    assert uploaded_object(graph, "wheels").ignore_changes == ("source",)
    other_objects = [node for node in graph.nodes_of_type(OBJECT) if node.name != "code-wheels"]
    assert not any(node.ignore_changes for node in other_objects)
