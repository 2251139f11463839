"""S3 and the other AWS services as a run sees them: clients, raw objects, prefixes, and which permission is missing.

Hides retries, the check of the clock, and S3's answers for what is not there.
"""

__all__ = [
    "aws_session",
    "byte_streams",
    "clients",
    "many_objects",
    "object_streams",
    "optional_objects",
    "permission_errors",
    "raw_objects",
]
