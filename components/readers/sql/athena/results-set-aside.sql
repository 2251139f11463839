-- Which share of the rows was set aside in the last 30 days, by day and rule; a row that broke two rules stands in two lines.
-- Only runs of what arrived that published or set aside something. No rule: the run is older than the results of rules.
-- of: the lake
WITH runs AS (
  SELECT dataset, run_id, run_date, rows_read, rows_quarantined
  FROM results_runs
  WHERE version = 1 AND kind = 'run' AND rows_published + rows_quarantined > 0
    AND day >= date_format(current_date - INTERVAL '30' DAY, '%Y-%m-%d')
),
days AS (
  SELECT dataset, run_date, sum(rows_read) AS rows_read, sum(rows_quarantined) AS rows_set_aside
  FROM runs
  GROUP BY dataset, run_date
),
broken AS (
  SELECT runs.dataset, runs.run_date, results_rules.rule, sum(results_rules.rows_broken) AS rows_broken
  FROM runs
  JOIN results_rules ON results_rules.dataset = runs.dataset AND results_rules.run_id = runs.run_id
  WHERE results_rules.version = 1 AND results_rules.state = 'broken' AND results_rules.severity = 'warning'
    AND results_rules.day >= date_format(current_date - INTERVAL '30' DAY, '%Y-%m-%d')
    AND runs.rows_quarantined > 0
  GROUP BY runs.dataset, runs.run_date, results_rules.rule
)
SELECT
  days.dataset,
  days.run_date,
  broken.rule,
  broken.rows_broken,
  days.rows_set_aside,
  days.rows_read,
  round(CAST(coalesce(broken.rows_broken, days.rows_set_aside) AS double) / days.rows_read, 4) AS share
FROM days
LEFT JOIN broken ON broken.dataset = days.dataset AND broken.run_date = days.run_date
WHERE days.rows_set_aside > 0
ORDER BY days.run_date DESC, days.dataset, share DESC, broken.rule
