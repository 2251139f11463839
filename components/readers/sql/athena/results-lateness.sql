-- How late each day of the last 30 was. A day is published by its first run of what arrived that published. It is late by the
-- hours by which readers then had data older than the contract allows. A day without a time published nothing: its delay is
-- in the next day that did.
-- of: the lake
WITH runs AS (
  SELECT
    dataset,
    run_date,
    kind,
    freshness_hours,
    from_iso8601_timestamp(started) AS started,
    from_iso8601_timestamp(published_at) AS published_at
  FROM results_runs
  WHERE version = 1 AND day >= date_format(current_date - INTERVAL '31' DAY, '%Y-%m-%d')
),
publications AS (
  SELECT
    dataset,
    published_at,
    lag(published_at) OVER (PARTITION BY dataset ORDER BY published_at) AS published_before
  FROM (SELECT DISTINCT dataset, published_at FROM runs WHERE published_at IS NOT NULL) AS times
),
days AS (
  SELECT
    dataset,
    run_date,
    max_by(freshness_hours, started) FILTER (WHERE freshness_hours IS NOT NULL) AS hours_allowed,
    min(CASE WHEN published_at >= started THEN published_at END) AS published_at
  FROM runs
  WHERE kind = 'run'
  GROUP BY dataset, run_date
)
SELECT
  days.dataset,
  days.run_date,
  days.published_at,
  round(date_diff('second', from_iso8601_timestamp(days.run_date), days.published_at) / 3600e0, 1) AS hours_after_midnight,
  round(date_diff('second', publications.published_before, days.published_at) / 3600e0, 1) AS hours_old,
  days.hours_allowed,
  round(
    greatest(date_diff('second', publications.published_before, days.published_at) / 3600e0 - days.hours_allowed, 0e0), 1
  ) AS hours_late
FROM days
LEFT JOIN publications ON publications.dataset = days.dataset AND publications.published_at = days.published_at
WHERE days.run_date >= date_format(current_date - INTERVAL '30' DAY, '%Y-%m-%d')
ORDER BY days.run_date DESC, days.dataset
