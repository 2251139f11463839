-- Which rules were not judged in the last 30 days, and when each was judged last: what it compares with was not there, or it
-- was in error. Only runs of what arrived.
-- of: the lake
SELECT
  dataset,
  rule,
  max_by(severity, started) AS severity,
  count_if(state = 'not_evaluated') AS runs_not_evaluated,
  count_if(state = 'error') AS runs_in_error,
  count(*) AS run_count,
  max(CASE WHEN state IN ('held', 'broken') THEN run_date END) AS last_judged
FROM results_rules
WHERE version = 1 AND kind = 'run' AND day >= date_format(current_date - INTERVAL '30' DAY, '%Y-%m-%d')
GROUP BY dataset, rule
HAVING count_if(state IN ('not_evaluated', 'error')) > 0
ORDER BY runs_not_evaluated DESC, runs_in_error DESC, dataset, rule
