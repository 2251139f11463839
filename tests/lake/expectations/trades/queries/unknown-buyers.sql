-- Trades that wait for their customer: how many rows of which customer, and whether that one is published by now, so that
-- a replay would let them through. Only rows that count, as in trades-aside.
-- of: trades, buyers
WITH published AS (
  SELECT element_at(snapshots.summary, 'sluice.ledger') AS ledger
  FROM "trades$refs" AS refs
  JOIN "trades$snapshots" AS snapshots ON snapshots.snapshot_id = refs.snapshot_id
  WHERE refs.name = 'main'
),
counted AS (
  SELECT ledgers.quarantined, ledgers.corrected
  FROM (
    SELECT "$path" AS path, quarantined, corrected FROM trades_ledger
    UNION ALL
    SELECT "$path" AS path, quarantined, corrected FROM trades_ledger_former
  ) AS ledgers
  JOIN published ON ledgers.path = published.ledger
),
waiting AS (
  SELECT json_extract_scalar(rows_aside.source, '$.customer_id') AS customer_id, rows_aside.set_aside_at
  FROM trades_quarantine AS rows_aside
  CROSS JOIN counted
  WHERE contains(rows_aside.rules, 'trades.customer_id.known')
    AND contains(counted.quarantined, rows_aside."_run_id")
    AND coalesce(NOT contains(element_at(counted.corrected, rows_aside.object), rows_aside."_run_id"), true)
)
SELECT
  waiting.customer_id,
  count(*) AS row_count,
  min(waiting.set_aside_at) AS waits_since,
  bool_or(buyers.customer_id IS NOT NULL) AS known_now
FROM waiting
LEFT JOIN buyers ON buyers.customer_id = waiting.customer_id
GROUP BY waiting.customer_id
ORDER BY row_count DESC, waiting.customer_id
