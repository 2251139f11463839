-- The published tables as Redshift sees them, through the Glue catalog, by the namespace's own role.
CREATE EXTERNAL SCHEMA IF NOT EXISTS lake FROM DATA CATALOG DATABASE '{database}' IAM_ROLE default
