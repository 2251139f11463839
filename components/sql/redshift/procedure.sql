-- The load as one call, which is one transaction: readers see the days before it, or those after it.
CREATE OR REPLACE PROCEDURE load_sales_daily() AS $$
BEGIN
{load}
END;
$$ LANGUAGE plpgsql
