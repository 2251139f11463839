-- How old {dataset} is, and how old its contract lets it become; what maintenance rewrote is as old as its rows.
-- of: each dataset
WITH published AS (
  SELECT
    snapshots.snapshot_id,
    coalesce(
      from_unixtime(CAST(element_at(snapshots.summary, 'sluice.published') AS double) / 1000), snapshots.committed_at
    ) AS published_at,
    element_at(snapshots.summary, 'sluice.run-id') AS run
  FROM "{dataset}$refs" AS refs
  JOIN "{dataset}$snapshots" AS snapshots ON snapshots.snapshot_id = refs.snapshot_id
  WHERE refs.name = 'main'
)
SELECT
  '{dataset}' AS dataset,
  published_at,
  date_diff('minute', published_at, current_timestamp) / 60e0 AS hours,
  {hours} AS hours_promised,
  date_diff('minute', published_at, current_timestamp) <= {hours} * 60 AS kept,
  run
FROM published
