"""Regular expressions as Java reads them, judged without a JVM."""
