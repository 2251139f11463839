-- What changed in {dataset} since yesterday, as readers saw it then: rows that are new, gone, or brought by another run.
-- The table has to be a day old and its snapshot not yet expired.
-- of: each dataset
WITH today AS (SELECT {key}, "_run_id" AS run FROM {dataset}),
yesterday AS (
  SELECT {key}, "_run_id" AS run FROM {dataset} FOR TIMESTAMP AS OF (current_timestamp - INTERVAL '1' DAY)
),
compared AS (
  SELECT
    CASE WHEN yesterday.run IS NULL THEN 'new' WHEN today.run IS NULL THEN 'gone' ELSE 'replaced' END AS change,
    coalesce(today.run, yesterday.run) AS run
  FROM today
  FULL OUTER JOIN yesterday USING ({key})
  WHERE today.run IS DISTINCT FROM yesterday.run
)
SELECT change, run, count(*) AS row_count
FROM compared
GROUP BY change, run
ORDER BY change, run
