"""Where rows come from: preflight of raw objects, one reader for each format, derived tables, and replay."""
