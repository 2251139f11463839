-- The load as one call, which is one transaction: readers see the days before it, or those after it. A second call waits
-- for the first and then finds nothing: without the lock both would find the same rows missing and insert them twice, as
-- Redshift holds nobody to a primary key. Readers wait too (Amazon Redshift, LOCK).
CREATE OR REPLACE PROCEDURE load_{dataset}() AS $$
BEGIN
LOCK {table};
{load}
END;
$$ LANGUAGE plpgsql
