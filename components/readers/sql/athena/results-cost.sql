-- What the runs of the last 30 days cost on Glue, by dataset and kind of run, at {usd_per_dpu_hour} USD per DPU-hour, the
-- price that `sluice plan` computes with. Maintenance, crawlers and storage are not in it.
-- of: the lake
SELECT
  dataset,
  kind,
  count(*) AS run_count,
  count_if(dpu_seconds IS NULL) AS runs_unknown,
  round(sum(dpu_seconds) / 3600, 2) AS dpu_hours,
  round(sum(dpu_seconds) / 3600 * {usd_per_dpu_hour}, 2) AS usd,
  round(sum(CASE WHEN state = 'FAILED' THEN dpu_seconds ELSE 0 END) / 3600 * {usd_per_dpu_hour}, 2) AS usd_of_failed
FROM results_runs
WHERE version = 1 AND day >= date_format(current_date - INTERVAL '30' DAY, '%Y-%m-%d')
GROUP BY dataset, kind
ORDER BY usd DESC NULLS LAST, dataset, kind
