"""A stack's configuration: read, checked, and handed on as frozen records."""
