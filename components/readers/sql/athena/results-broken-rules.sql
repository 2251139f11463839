-- Which rules broke most in the last 30 days: in how many runs of those that judged them, and with how many rows. Only runs
-- of what arrived: a replay or a rerun takes the same rows again.
-- of: the lake
SELECT
  dataset,
  rule,
  max_by(severity, started) AS severity,
  count_if(state = 'broken') AS runs_broken,
  count_if(state IN ('held', 'broken')) AS runs_judged,
  sum(CASE WHEN state = 'broken' THEN rows_broken ELSE 0 END) AS rows_broken,
  max(CASE WHEN state = 'broken' THEN run_date END) AS last_broken
FROM results_rules
WHERE version = 1 AND kind = 'run' AND day >= date_format(current_date - INTERVAL '30' DAY, '%Y-%m-%d')
GROUP BY dataset, rule
HAVING count_if(state = 'broken') > 0
ORDER BY runs_broken DESC, rows_broken DESC, dataset, rule
