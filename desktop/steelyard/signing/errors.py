"""What can go wrong with keys and signatures."""

from __future__ import annotations

from steelyard.base.errors import (
    CheckFailed,
    MalformedInput,
    NotFound,
    RefusedByPolicy,
    UsageError,
)


class MalformedKey(MalformedInput):
    """Not a public or private key that is accepted here."""

    code = "malformed-key"


class MalformedEnvelope(MalformedInput):
    """A signed document does not have the form of one."""

    code = "malformed-envelope"


class MalformedNote(MalformedInput):
    """A signed note does not have the form of one."""

    code = "malformed-note"


class SignatureRefused(CheckFailed):
    """No trusted key in force signed this. Facts: `signers`, each with `name`, `key_id` and `why`."""

    code = "signature-refused"


class Unsigned(SignatureRefused):
    """It carries no signature at all."""

    code = "unsigned"


class SignatureWrong(SignatureRefused):
    """A signature that names a known key was not made by it over these bytes."""

    code = "signature-wrong"


class SignerUnknown(SignatureRefused):
    """No key that is known here made any of the signatures."""

    code = "signer-unknown"


class SignerRevoked(SignatureRefused):
    """It was signed by a key that is not believed any more."""

    code = "signer-revoked"


class SignerExpired(SignatureRefused):
    """The key's time is over, or has not come yet."""

    code = "signer-expired"


class SignerNotEntitled(SignatureRefused):
    """The key is trusted, but not for this kind of document."""

    code = "signer-not-entitled"


class TooFewSigners(SignatureRefused):
    """Trusted keys signed, but not as many as are asked for. Facts: `needed`, `found`."""

    code = "too-few-signers"


class TrustNotUsable(CheckFailed):
    """The trust list cannot be read as a whole, so nobody is believed. Facts: `problems`."""

    code = "trust-not-usable"


class WrongDocument(SignatureRefused):
    """Signed, but as another kind of document than the one asked for. Facts: `expected`, `found`."""

    code = "wrong-document"


class NoSuchKey(NotFound):
    """No key has this name."""

    code = "no-such-key"


class KeyExists(UsageError):
    """A key of this name is there already; it is not replaced."""

    code = "key-exists"


class KeyNotUsable(CheckFailed):
    """The key may not sign now: revoked, expired, for another purpose, or readable by others."""

    code = "key-not-usable"


class FingerprintDiffers(CheckFailed):
    """The key in the file is not the key whose fingerprint was given. Facts: `expected`, `found`."""

    code = "fingerprint-differs"


class PassphraseNeeded(UsageError):
    """The key is protected and no passphrase was given."""

    code = "passphrase-needed"


class PassphraseWrong(CheckFailed):
    """The passphrase does not open the key."""

    code = "passphrase-wrong"


class TrustIsManaged(RefusedByPolicy):
    """Who is believed here is decided by the administrator alone."""

    code = "trust-is-managed"
