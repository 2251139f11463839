-- Rows of {table} whose key the published table no longer has, such as those that were forgotten.
CREATE TEMP TABLE forget_published AS
SELECT {key} FROM lake.{table};
DELETE FROM {table}
WHERE NOT EXISTS (SELECT 1 FROM forget_published WHERE {same_key_as_published});
DROP TABLE forget_published;
