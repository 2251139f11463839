-- Revenue by region and day, the last 30 days: trades, units and revenue add up over categories. The numbers of buyers
-- would not, since one may buy in several.
-- of: trades_daily
SELECT region, day, sum(orders) AS orders, sum(units) AS units, sum(revenue) AS revenue
FROM trades_daily
WHERE day > current_date - INTERVAL '30' DAY
GROUP BY region, day
ORDER BY day DESC, region
