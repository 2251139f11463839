-- Makes {table} what gold shows now, and touches no other row. A second time it changes nothing. One reading of
-- gold stands behind all statements; MERGE takes no subquery, and knows no rows that only the target has.
DROP TABLE IF EXISTS load_published;
CREATE TEMP TABLE load_published AS
SELECT {columns} FROM lake.{table};
DROP TABLE IF EXISTS load_changed;
CREATE TEMP TABLE load_changed AS
SELECT {columns} FROM load_published
EXCEPT
SELECT {columns} FROM {table};
MERGE INTO {table}
USING load_changed
ON {same_key_as_changed}
WHEN MATCHED THEN UPDATE SET
{updates}
WHEN NOT MATCHED THEN INSERT ({columns})
VALUES (
{changed_values}
);
DELETE FROM {table}
WHERE NOT EXISTS (
  SELECT 1 FROM load_published
{same_key_as_published}
);
