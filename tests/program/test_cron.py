"""A schedule is taken as AWS takes it."""

import pytest

from components.settings.cron import is_valid, parse_schedule


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
    assert is_valid(schedule)


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
    assert not is_valid(schedule)


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(0 6 31 2 ? *)",
        "cron(0 6 30 FEB ? *)",
        "cron(0 6 30,31 2 ? *)",
        "cron(0 6 31 4,6,9,11 ? *)",
        "cron(0 6 31 APR,FEB ? *)",
        "cron(0 6 29 2 ? 2027)",
        "cron(0 6 29-31 2 ? 2026,2027,2029)",
        "cron(0 6 29 2 ? 2100)",
        "cron(0 6 31W 2 ? *)",
        "cron(0 6 30W 2 ? *)",
        "cron(0 6 29W 2 ? 2027)",
        "cron(0 6 31W 11 ? *)",
        "cron(0 6 30/1 2 ? *)",
        "cron(0 6 ? 2 2#5 2027)",
        "cron(0 6 ? FEB SUN#5,MON#5 2027-2031)",
    ],
)
def test_a_day_that_never_comes_is_refused_with_the_reason(schedule: str) -> None:
    with pytest.raises(ValueError, match="never comes"):
        parse_schedule(schedule)


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(0 6 29 2 ? *)",
        "cron(0 6 29 2 ? 2027,2028)",
        "cron(0 6 29 2 ? 2000)",
        "cron(0 6 31 2,3 ? *)",
        "cron(0 6 1,31 2 ? *)",
        "cron(0 6 28-31 2 ? 2027)",
        "cron(0 6 30 4 ? *)",
        "cron(0 6 L 2 ? 2027)",
        "cron(0 6 31,L 2 ? *)",
        "cron(0 6 29W 2 ? 2028)",
        "cron(0 6 ? 2 1#5 2032)",
        "cron(0 6 ? 2 2#5 *)",
        "cron(0 6 ? 2 2#4,2#5 2027)",
        "cron(0 6 ? 3 2#5 2027)",
    ],
)
def test_a_day_that_comes_in_some_month_or_leap_year_is_taken(schedule: str) -> None:
    assert is_valid(schedule)
