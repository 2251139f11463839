-- How many runs and days were good in the last 30 days, by dataset. A day is good if its last run was. Only runs of what
-- arrived that had something to read.
-- of: the lake
WITH runs AS (
  SELECT dataset, run_date, state, started
  FROM results_runs
  WHERE version = 1 AND kind = 'run' AND NOT nothing_unread
    AND day >= date_format(current_date - INTERVAL '30' DAY, '%Y-%m-%d')
),
days AS (
  SELECT
    dataset,
    run_date,
    count(*) AS run_count,
    count_if(state = 'SUCCEEDED') AS good_runs,
    max_by(state, started) AS last_state
  FROM runs
  GROUP BY dataset, run_date
)
SELECT
  dataset,
  sum(run_count) AS run_count,
  sum(good_runs) AS good_runs,
  round(CAST(sum(good_runs) AS double) / sum(run_count), 4) AS share_of_runs,
  count(*) AS day_count,
  count_if(last_state = 'SUCCEEDED') AS good_days,
  round(CAST(count_if(last_state = 'SUCCEEDED') AS double) / count(*), 4) AS share_of_days
FROM days
GROUP BY dataset
ORDER BY share_of_days, share_of_runs, dataset
