"""A schedule is taken as AWS takes it."""

import pytest

from components.cron import valid


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(0 6 * * ? *)",
        "cron(15 12 * * ? *)",
        "cron(0 18 ? * MON-FRI *)",
        "cron(0 8 1 * ? *)",
        "cron(0/15 * * * ? *)",
        "cron(*/10 * * * ? *)",
        "cron(0/5 8-17 ? * 2-6 *)",
        "cron(0 0 L * ? *)",
        "cron(0 0 15W * ? *)",
        "cron(0 9 ? * 2#1 *)",
        "cron(0,30 6 ? JAN,JUL MON,THU 2027-2030)",
    ],
)
def test_what_the_guide_shows_is_taken(schedule: str) -> None:
    assert valid(schedule)


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "0 6 * * ? *",
        "rate(1 day)",
        "cron(0 6 * * ?)",
        "cron(0 6 * * ? * *)",
        "cron(0 6  * * ? *)",
        "cron(0 6 * * * *)",
        "cron(0 6 ? * ? *)",
        "cron(60 6 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 6 0 * ? *)",
        "cron(0 6 32 * ? *)",
        "cron(0 6 * 13 ? *)",
        "cron(0 6 ? * 8 *)",
        "cron(0 6 ? * FUNDAY *)",
        "cron(0 6 * * ? 1969)",
        "cron(30-10 6 * * ? *)",
        "cron(0/0 6 * * ? *)",
        "cron(a 6 * * ? *)",
        "cron(, 6 * * ? *)",
        "cron(? 6 * * ? *)",
        "cron(0 6 ? * 2#6 *)",
        "cron(0 6 * * ? *) ",
    ],
)
def test_what_aws_refuses_is_refused(schedule: str) -> None:
    assert not valid(schedule)
