"""S3 and the other AWS services as a run sees them: clients, raw objects, prefixes, and which permission is missing."""
