"""What a page may load: the site's own style, and a script within it that has the hash named here."""

import base64
import hashlib

BASE = "default-src 'none'; style-src 'self' file:; img-src data:; form-action 'none'; base-uri 'none'"
"""`file:` beside 'self', since not every browser takes a file for a page's own origin."""


def content_policy(script: str = "") -> str:
    """Return the policy of a page, as Content-Security-Policy (Level 3) writes it; a script must match to the byte."""
    if not script:
        return BASE
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"{BASE}; script-src 'sha256-{digest}'"
