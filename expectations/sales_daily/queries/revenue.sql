-- Revenue by region and day, the last 30 days: sales, units and revenue add up over categories. The numbers of customers
-- would not, since one may buy in several.
-- of: sales_daily
SELECT region, day, sum(orders) AS orders, sum(units) AS units, sum(revenue) AS revenue
FROM sales_daily
WHERE day > current_date - INTERVAL '30' DAY
GROUP BY region, day
ORDER BY day DESC, region
