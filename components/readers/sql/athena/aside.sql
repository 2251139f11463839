-- What is set aside of {dataset}, and why: rows by run and rule; one that broke two rules stands in two lines. Only rows
-- that count: those that the ledger of the published snapshot names. The table is there once a row was set aside.
-- of: each dataset of files
WITH published AS (
  SELECT element_at(snapshots.summary, 'sluice.ledger') AS ledger
  FROM "{dataset}$refs" AS refs
  JOIN "{dataset}$snapshots" AS snapshots ON snapshots.snapshot_id = refs.snapshot_id
  WHERE refs.name = 'main'
),
counted AS (
  SELECT ledgers.quarantined, ledgers.corrected
  FROM (
    SELECT "$path" AS path, quarantined, corrected FROM {dataset}_ledger
    UNION ALL
    SELECT "$path" AS path, quarantined, corrected FROM {dataset}_ledger_former
  ) AS ledgers
  JOIN published ON ledgers.path = published.ledger
)
SELECT rows_aside."_run_id" AS run, broken.rule, count(*) AS row_count, min(rows_aside.set_aside_at) AS set_aside_at
FROM {dataset}_quarantine AS rows_aside
CROSS JOIN counted
CROSS JOIN UNNEST(rows_aside.rules) AS broken (rule)
WHERE contains(counted.quarantined, rows_aside."_run_id")
  AND coalesce(NOT contains(element_at(counted.corrected, rows_aside.object), rows_aside."_run_id"), true)
GROUP BY rows_aside."_run_id", broken.rule
ORDER BY set_aside_at, rule
