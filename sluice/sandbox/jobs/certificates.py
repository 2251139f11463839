"""The certificates this machine trusts, for a Java that brings its own: behind a company's proxy they differ."""

import os
import ssl
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.utils import CryptographyDeprecationWarning

PASSWORD = "changeit"  # noqa: S105  Java's customary one; the store holds nothing secret
BEGIN_MARK, END_MARK = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def java_options(folder: Path) -> str:
    """Write the machine's certificate bundle as a Java trust store into `folder`; return the options that name it.

    Empty where the machine has no bundle, so that Java's own stays in force.
    """
    bundle = os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT") or ssl.get_default_verify_paths().cafile
    certificates = _load_certificates(Path(bundle)) if bundle and Path(bundle).exists() else []
    if not certificates:
        return ""
    entries = [
        pkcs12.PKCS12Certificate(certificate, f"ca-{index}".encode()) for index, certificate in enumerate(certificates)
    ]
    store = folder / "trust.p12"
    store.write_bytes(pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(PASSWORD.encode())))
    settings = {"": store, "Password": PASSWORD, "Type": "PKCS12"}
    return " ".join(f"-Djavax.net.ssl.trustStore{name}={value}" for name, value in settings.items())


def _load_certificates(bundle: Path) -> list[x509.Certificate]:
    certificates = []
    for part in bundle.read_text(errors="replace").split(BEGIN_MARK)[1:]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", CryptographyDeprecationWarning)
                certificates.append(
                    x509.load_pem_x509_certificate(f"{BEGIN_MARK}{part.partition(END_MARK)[0]}{END_MARK}".encode())
                )
        except ValueError:  # one that cannot be read is trusted by nobody
            continue
    return certificates
