-- Gold as Redshift keeps it: the columns of expectations/{dataset}/output.json.
CREATE TABLE IF NOT EXISTS {table} (
{columns},
  PRIMARY KEY ({key})
){sort_key}
