"""The bundle that Glue installs from: complete, for Glue's Python, wheel by wheel what the lock says, and nothing else."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from components.compute import wheels
from sluice.cli.errors import FaultWithLines
from sluice.program import wheels as built

CORE = "pydantic_core-2.46.5-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
GX = "great_expectations-1.24.1-py3-none-any.whl"
FILES = {CORE: b"core", GX: b"expectations"}
OTHER_PLATFORMS = ["cp311-cp311-manylinux_2_17_x86_64", "cp313-cp313-macosx_11_0_arm64", "cp313-cp313-win_amd64"]


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


GOOD = [(name, sha256_of(content)) for name, content in FILES.items()]


@pytest.fixture(autouse=True)
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock of two packages that Glue lacks and one that it brings; each has a wheel and a source archive."""
    pins = [("pydantic-core==2.46.5", b"core"), ("great-expectations==1.24.1", b"expectations"), ("numpy==2.4.4", b"n")]
    lines = [
        f"{pin} \\\n    --hash=sha256:{sha256_of(b'sources')} \\\n    --hash=sha256:{sha256_of(wheel)}"
        for pin, wheel in pins
    ]
    (tmp_path / "lock.txt").write_text("\n".join(lines) + "\n")
    (tmp_path / "preinstalled.txt").write_text("numpy==2.4.4\n")
    monkeypatch.setattr(wheels, "LOCK", tmp_path / "lock.txt")
    monkeypatch.setattr(wheels, "PREINSTALLED", tmp_path / "preinstalled.txt")


def test_the_lock_names_the_library_and_leaves_out_what_glue_preinstalls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "LOCK", wheels.ROOT / "requirements-glue.txt")
    monkeypatch.setattr(wheels, "PREINSTALLED", wheels.ROOT / "requirements-glue-preinstalled.txt")
    pinned = wheels.required_packages()
    assert pinned["great-expectations"][0].startswith("1.24.")
    assert not {"numpy", "pandas", "scipy", "boto3", "botocore"} & set(pinned)
    assert len(pinned) > 30
    assert all(version and hashes for version, hashes in pinned.values())


def test_a_bundle_that_is_wheel_by_wheel_what_is_locked_has_no_fault() -> None:
    assert wheels.bundle_content_faults(GOOD) == []


def with_renamed(old: str, new: str) -> list[tuple[str, str]]:
    return [(new if name == old else name, content) for name, content in GOOD]


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        (GOOD[:1], "great-expectations==1.24.1 is missing"),
        ([], "pydantic-core==2.46.5 is missing"),
        (
            [*GOOD, ("numpy-2.4.4-cp313-cp313-manylinux_2_28_x86_64.whl", sha256_of(b"n"))],
            "x86_64.whl is preinstalled or not",
        ),
        (
            [*GOOD, ("left_pad-1.0-py3-none-any.whl", sha256_of(b"l"))],
            "left_pad-1.0-py3-none-any.whl is preinstalled or not locked",
        ),
        ([*GOOD, ("notes.txt", sha256_of(b"t"))], "notes.txt is preinstalled or not locked"),
        ([*GOOD, GOOD[1]], "great-expectations is there twice"),
        (
            [GOOD[0], (GX, sha256_of(b"tampered"))],
            f"{GX} has the sha256 {sha256_of(b'tampered')}, which lock.txt does not have",
        ),
        ([(CORE, GOOD[1][1]), GOOD[1]], f"{CORE} has the sha256 {GOOD[1][1]}"),  # another package's hash
        (with_renamed(GX, "great_expectations-1.24.0-py3-none-any.whl"), "is not great-expectations==1.24.1"),
        *(
            (with_renamed(CORE, f"pydantic_core-2.46.5-{tag}.whl"), "is not for Python 3.13 on x86-64")
            for tag in OTHER_PLATFORMS
        ),
    ],
)
def test_a_bundle_that_the_lock_does_not_promise_is_told_of(files: list[tuple[str, str]], fault: str) -> None:
    assert [line for line in wheels.bundle_content_faults(files) if fault in line]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_zip_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(wheels, "BUNDLE", tmp_path / "sluice.gluewheels.zip")
    wheels.BUNDLE.write_bytes(content)
    [fault] = wheels.bundle_faults()
    assert "sluice.gluewheels.zip is no readable zip" in fault


def test_packing_refuses_what_the_lock_does_not_promise_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(built, "BUNDLE", tmp_path / "made" / "sluice.gluewheels.zip")
    (tmp_path / GX).write_bytes(b"tampered")
    with pytest.raises(FaultWithLines, match=r"pydantic-core==2\.46\.5 is missing"):
        built.pack_wheels(tmp_path)
    assert list(built.BUNDLE.parent.iterdir()) == []


def test_the_same_wheels_make_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "ROOT", tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    bundles = []
    for number in (1, 2):
        monkeypatch.setattr(built, "BUNDLE", tmp_path / str(number) / "sluice.gluewheels.zip")
        built.pack_wheels(tmp_path)
        bundles.append(built.BUNDLE.read_bytes())
    assert bundles[0] == bundles[1]
    with zipfile.ZipFile(built.BUNDLE) as archive:
        assert sorted(archive.namelist()) == sorted(FILES)


def test_a_bundle_of_another_lock_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def copy_wheels(into: Path) -> None:
        fetched.append(into)
        for name, content in FILES.items():
            (into / name).write_bytes(content)

    for module in (built, wheels):
        monkeypatch.setattr(module, "BUNDLE", tmp_path / "sluice.gluewheels.zip")
    monkeypatch.setattr(built, "ROOT", tmp_path)
    monkeypatch.setattr(built, "download_wheels", copy_wheels)
    with zipfile.ZipFile(wheels.BUNDLE, "w") as archive:
        archive.writestr(GX, b"tampered")
    built.build_bundle()
    built.build_bundle()
    assert len(fetched) == 1
    assert wheels.bundle_faults() == []
