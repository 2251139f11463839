-- Which files of the results of the last 30 days the other queries pass over: what is no JSON, or of a later version.
-- of: the lake
WITH lines AS (
  SELECT "$path" AS path, dataset, day, version FROM results_runs
  UNION ALL
  SELECT "$path" AS path, dataset, day, version FROM results_rules
)
SELECT path, dataset, day, version
FROM lines
WHERE coalesce(version <> 1, true) AND day >= date_format(current_date - INTERVAL '30' DAY, '%Y-%m-%d')
ORDER BY day DESC, path
