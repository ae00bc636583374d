"""A private key under a passphrase: PKCS #8, readable by OpenSSL and every other tool.

The library writes such files with 2,048 rounds of PBKDF2, which a stolen file does not withstand for long;
here it is 600,000 rounds of HMAC-SHA-256 and AES-256-CBC, written out by hand because the library takes no number.

Source: RFC 8018 (PBES2), RFC 5958 (EncryptedPrivateKeyInfo); number of rounds: OWASP Password Storage Cheat Sheet.
"""

from __future__ import annotations

import base64
import hashlib
import os

ROUNDS = 600_000
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("06082a864886f70d0209")
_AES_256_CBC = bytes.fromhex("060960864801650304012a")
_NULL = bytes.fromhex("0500")
_BLOCK_BYTES = 16


def protect(pkcs8: bytes, passphrase: bytes) -> bytes:
    """The PEM file of a private key's PKCS #8 DER form, encrypted."""
    from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415  # heavy at start
        Cipher,
        algorithms,
        modes,
    )

    salt, start = os.urandom(16), os.urandom(_BLOCK_BYTES)
    key = hashlib.pbkdf2_hmac("sha256", passphrase, salt, ROUNDS, 32)
    fill = _BLOCK_BYTES - len(pkcs8) % _BLOCK_BYTES
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(start)).encryptor()
    hidden = encryptor.update(pkcs8 + bytes([fill]) * fill) + encryptor.finalize()
    derivation = _sequence(
        _PBKDF2,
        _sequence(_octets(salt), _integer(ROUNDS), _sequence(_HMAC_SHA256, _NULL)),
    )
    cipher = _sequence(_AES_256_CBC, _octets(start))
    der = _sequence(_sequence(_PBES2, _sequence(derivation, cipher)), _octets(hidden))
    text = base64.encodebytes(der).replace(b"\n", b"")
    lines = [text[begin : begin + 64] for begin in range(0, len(text), 64)]
    return b"\n".join(
        [
            b"-----BEGIN ENCRYPTED PRIVATE KEY-----",
            *lines,
            b"-----END ENCRYPTED PRIVATE KEY-----",
            b"",
        ]
    )


def is_protected(pem: bytes) -> bool:
    """Whether a private key's file asks for a passphrase."""
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in pem


def _value(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def _sequence(*parts: bytes) -> bytes:
    return _value(0x30, b"".join(parts))


def _octets(content: bytes) -> bytes:
    return _value(0x04, content)


def _integer(number: int) -> bytes:
    return _value(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))
