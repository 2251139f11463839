"""The certificates this machine trusts, for a Java that brings its own: behind a company's proxy they differ."""

import os
import ssl
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.utils import CryptographyDeprecationWarning

PASSWORD = "changeit"  # noqa: S105  Java's customary one; the store holds nothing secret
MARK, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def java_options(folder: Path) -> str:
    """Write the machine's certificate bundle as a Java trust store into `folder`; return the options that name it.

    Empty where the machine has no bundle, so that Java's own stays in force.
    """
    bundle = os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT") or ssl.get_default_verify_paths().cafile
    certificates = _certificates(Path(bundle)) if bundle and Path(bundle).exists() else []
    if not certificates:
        return ""
    entries = [pkcs12.PKCS12Certificate(one, f"ca-{at}".encode()) for at, one in enumerate(certificates)]
    store = folder / "trust.p12"
    store.write_bytes(pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(PASSWORD.encode())))
    settings = {"": store, "Password": PASSWORD, "Type": "PKCS12"}
    return " ".join(f"-Djavax.net.ssl.trustStore{name}={value}" for name, value in settings.items())


def _certificates(bundle: Path) -> list[x509.Certificate]:
    found = []
    for part in bundle.read_text(errors="replace").split(MARK)[1:]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", CryptographyDeprecationWarning)
                found.append(x509.load_pem_x509_certificate(f"{MARK}{part.partition(END)[0]}{END}".encode()))
        except ValueError:  # one that cannot be read is trusted by nobody
            continue
    return found
