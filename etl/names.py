"""Names that a table, its quarantine and whoever reads them share."""

RUN = "_run_id"  # which run brought a row


def quarantine_of(published: str) -> str:
    """Return the name of a published table's quarantine."""
    return f"{published}_quarantine"
