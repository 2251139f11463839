-- Gold as Redshift keeps it: the columns of expectations/sales_daily/output.json.
CREATE TABLE IF NOT EXISTS sales_daily (
  region varchar(64) NOT NULL,
  day date NOT NULL,
  category varchar(256) NOT NULL,
  orders bigint NOT NULL,
  units bigint NOT NULL,
  revenue decimal(20, 2) NOT NULL,
  customers bigint NOT NULL,
  average_order decimal(20, 2) NOT NULL,
  PRIMARY KEY (region, day, category)
) SORTKEY (day)
