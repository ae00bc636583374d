"""A public key: P-256 (ECDSA with SHA-256) or Ed25519, and nothing else.

It is known by its fingerprint, the SHA-256 of its DER SubjectPublicKeyInfo. Whatever the name, the file or
the signature says, two keys with one fingerprint are one key.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from steelyard.base.digests import digest_of
from steelyard.signing.edwards import has_prime_order, is_neutral
from steelyard.signing.errors import MalformedKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PEM_BEGIN = "-----BEGIN PUBLIC KEY-----"
PEM_END = "-----END PUBLIC KEY-----"
_PEM = re.compile(rf"{PEM_BEGIN}\n((?:[A-Za-z0-9+/=]{{1,76}}\n)+){PEM_END}")
_ED25519_SIGNATURE_BYTES = 64
KEY_ID_CHARS = 16


class Algorithm(StrEnum):
    """How a key signs."""

    P256 = "p256"
    ED25519 = "ed25519"


@dataclass(frozen=True)
class PublicKey:
    """A checked public key.

    Attributes:
        der: its SubjectPublicKeyInfo in the one DER form.
    """

    algorithm: Algorithm
    der: bytes

    @property
    def fingerprint(self) -> str:
        """`sha256:<hex>` over the DER form; what two people compare by telephone."""
        return digest_of(self.der)

    @property
    def key_id(self) -> str:
        """The first 16 hexadecimal digits of the fingerprint: a short name, never a proof."""
        return self.fingerprint.removeprefix("sha256:")[:KEY_ID_CHARS]

    @property
    def pem(self) -> str:
        """PEM with line ends of one character, as every tool writes it."""
        text = base64.b64encode(self.der).decode("ascii")
        lines = [text[start : start + 64] for start in range(0, len(text), 64)]
        return "\n".join([PEM_BEGIN, *lines, PEM_END, ""])

    @property
    def pem_hint(self) -> str:
        """SHA-256 of the PEM form, hexadecimal: how the OpenSSF form names a key."""
        return digest_of(self.pem.encode("ascii")).removeprefix("sha256:")

    def is_named(self, hint: str) -> bool:
        """Whether a signature's hint is about this key."""
        return hint in (self.key_id, self.pem_hint)

    @property
    def raw(self) -> bytes:
        """The 32 bytes of an Ed25519 key, or the uncompressed point of a P-256 key."""
        return self.der[-32:] if self.algorithm is Algorithm.ED25519 else self.der[-65:]

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made `signature` over `message`.

        ECDSA: DER, SHA-256. Both of the two valid forms (s and n - s) are taken, because the public tools do not
        choose one; nothing here is identified by a signature's bytes. Ed25519: strict, see `edwards`.
        """
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  # heavy at start
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

        key = _loaded(self.der)
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            elif len(signature) != _ED25519_SIGNATURE_BYTES or is_neutral(signature[:32]):
                return False
            else:
                key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    @classmethod
    def from_der(cls, der: bytes) -> PublicKey:
        """Check a SubjectPublicKeyInfo.

        Raises:
            MalformedKey: another algorithm or curve, a point that is not on it or not of prime order, or bytes
                that are not the one DER form.
        """
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  # heavy at start

        key = _loaded(der)
        algorithm = (
            Algorithm.P256 if isinstance(key, ec.EllipticCurvePublicKey) else Algorithm.ED25519
        )
        return cls(algorithm, der)

    @classmethod
    def from_pem(cls, text: str) -> PublicKey:
        """Check a PEM public key. Text before and after it is not looked at.

        Raises:
            MalformedKey: there is not exactly one, or `from_der` refuses it.
        """
        found = _PEM.findall(text)
        if len(found) != 1 or text.count("-----BEGIN") != 1:
            raise MalformedKey(
                "There is not exactly one public key in it.",
                next_step="Give the .pub.pem file that steelyard key export wrote. A private key is never "
                "given to others.",
            )
        try:
            der = base64.b64decode("".join(found[0].split("\n")), validate=True)
        except binascii.Error as error:
            raise MalformedKey(f"The public key is not valid PEM: {error}.") from error
        return cls.from_der(der)

    @classmethod
    def from_ed25519(cls, raw: bytes) -> PublicKey:
        """The key with these 32 bytes.

        Raises:
            MalformedKey: they are no acceptable Ed25519 key.
        """
        return cls.from_der(bytes.fromhex("302a300506032b6570032100") + raw)


@lru_cache(maxsize=256)
def _loaded(der: bytes) -> EllipticCurvePublicKey | Ed25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  # heavy at start
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415

    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedKey(f"It is not a public key: {error}.") from error
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        checked: EllipticCurvePublicKey | Ed25519PublicKey = key
    elif isinstance(key, ed25519.Ed25519PublicKey):
        if not has_prime_order(key.public_bytes_raw()):
            raise MalformedKey("The Ed25519 public key is not a point of prime order.")
        checked = key
    else:
        raise MalformedKey("The public key is neither P-256 nor Ed25519.")
    if checked.public_bytes(*_spki()) != der:
        raise MalformedKey("The public key is not in its one DER form.")
    return checked


def _spki() -> tuple[Encoding, PublicFormat]:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    return serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
