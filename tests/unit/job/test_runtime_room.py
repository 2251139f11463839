"""What the job takes from the service that runs it is in `etl/runtime` alone (decision 46)."""

import re
from pathlib import Path

import pytest

from etl.runtime.job_runs import job_run_id

JOB = Path(__file__).resolve().parents[3] / "etl"
RUNTIME = JOB / "runtime"
GLUES_WORDS = re.compile(
    r"awsglue|GlueContext|JOB_NAME|JOB_RUN_ID|\bjr_|[gG]et_?[jJ]ob_?[rR]un|JobRun|glue_run_id|glueetl"
)
"""Words of Glue's job service. The Glue Data Catalog is Iceberg's catalog, whoever runs the job."""


def glues_words(text: str) -> set[str]:
    return set(GLUES_WORDS.findall(text))


def test_no_package_of_the_job_but_the_runtime_knows_glues_job_service() -> None:
    modules = [path for path in JOB.rglob("*.py") if not path.is_relative_to(RUNTIME)]
    assert len(modules) > 50
    named = {str(path.relative_to(JOB)): glues_words(path.read_text(encoding="utf-8")) for path in modules}
    assert {path: words for path, words in named.items() if words} == {}


def test_the_runtime_knows_glues_job_service() -> None:
    inside = "".join(path.read_text(encoding="utf-8") for path in RUNTIME.glob("*.py"))
    assert glues_words(inside) >= {"awsglue", "JOB_NAME", "JOB_RUN_ID", "jr_", "get_job_run", "glue_run_id"}


@pytest.mark.parametrize(
    ("name", "job_run"),
    [
        ("jr_1a2b", "jr_1a2b"),
        ("jr_1a2b_3", "jr_1a2b"),
        ("jr_1a2b_3_4", "jr_1a2b"),
        ("of_somebody", None),
        ("jr_", None),
    ],
)
def test_a_run_that_takes_objects_alone_is_known_by_its_job_run(name: str, job_run: str | None) -> None:
    assert job_run_id(name) == job_run
