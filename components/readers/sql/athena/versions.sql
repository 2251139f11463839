-- What readers of {dataset} saw when: each snapshot that was published, with its run. FOR VERSION AS OF snapshot_id reads
-- it while it is kept; a snapshot that expired is not in the list.
-- of: each dataset
SELECT
  history.made_current_at,
  history.snapshot_id,
  element_at(snapshots.summary, 'sluice.run-id') AS run,
  element_at(snapshots.summary, 'sluice.contracts') AS contracts
FROM "{dataset}$history" AS history
JOIN "{dataset}$snapshots" AS snapshots ON snapshots.snapshot_id = history.snapshot_id
ORDER BY history.made_current_at DESC
