"""The bundle that Glue installs from: complete, for Glue's Python, and nothing that Glue brings itself."""

import zipfile
from pathlib import Path

import pytest

from sandbox import wheels

PYDANTIC = "pydantic_core-{}-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"


@pytest.fixture
def bundle() -> list[str]:
    """File names of a bundle that holds exactly what is locked."""
    pinned = wheels.wanted()
    core = PYDANTIC.format(pinned["pydantic-core"])
    return [
        core,
        *(
            f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
            for name, version in pinned.items()
            if name != "pydantic-core"
        ),
    ]


def test_the_lock_names_the_library_and_leaves_out_what_glue_preinstalls() -> None:
    pinned = wheels.wanted()
    assert pinned["great-expectations"].startswith("1.24.")
    assert not {"numpy", "pandas", "scipy", "boto3", "botocore"} & set(pinned)
    assert all(pinned.values())


def test_a_complete_bundle_has_no_fault(bundle: list[str]) -> None:
    assert wheels.faults(bundle) == []


def test_a_missing_requirement_is_named(bundle: list[str]) -> None:
    [fault] = wheels.faults([one for one in bundle if not one.startswith("great_expectations")])
    assert fault == f"great-expectations=={wheels.wanted()['great-expectations']} is missing"


@pytest.mark.parametrize(
    "tag", ["cp311-cp311-manylinux_2_17_x86_64", "cp313-cp313-macosx_11_0_arm64", "cp313-cp313-win_amd64"]
)
def test_a_wheel_of_another_platform_is_named(bundle: list[str], tag: str) -> None:
    wrong = f"pydantic_core-{wheels.wanted()['pydantic-core']}-{tag}.whl"
    [fault] = wheels.faults([wrong, *(one for one in bundle if not one.startswith("pydantic_core"))])
    assert wrong in fault


def test_what_glue_preinstalls_is_refused(bundle: list[str]) -> None:
    [fault] = wheels.faults([*bundle, "numpy-2.4.4-cp313-cp313-manylinux_2_28_x86_64.whl"])
    assert "numpy is preinstalled" in fault


def test_packing_refuses_what_the_lock_does_not_promise_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle: list[str]
) -> None:
    monkeypatch.setattr(wheels, "BUNDLE", tmp_path / "made" / "sluice.gluewheels.zip")
    (tmp_path / bundle[0]).write_bytes(b"one wheel of many")
    with pytest.raises(SystemExit, match="great-expectations"):
        wheels.pack(tmp_path)
    assert not wheels.BUNDLE.exists()


def test_the_same_wheels_make_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle: list[str]
) -> None:
    monkeypatch.setattr(wheels, "ROOT", tmp_path)
    for name in bundle:
        (tmp_path / name).write_bytes(name.encode())
    made = []
    for at in (1, 2):
        monkeypatch.setattr(wheels, "BUNDLE", tmp_path / str(at) / "sluice.gluewheels.zip")
        wheels.pack(tmp_path)
        made.append(wheels.BUNDLE.read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(wheels.BUNDLE) as archive:
        assert wheels.faults(archive.namelist()) == []
