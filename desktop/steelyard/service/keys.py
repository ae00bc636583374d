"""Signing keys of this user, and who is believed here."""

from __future__ import annotations

import os
import string
from datetime import datetime, timedelta
from pathlib import Path

from steelyard.base import durable
from steelyard.base.clock import iso_utc
from steelyard.base.digests import parse_digest
from steelyard.base.errors import NotFound, UsageError
from steelyard.service.operation import Context, operation
from steelyard.service.requests import (
    CreateKey,
    ExportKey,
    KeyExported,
    KeyList,
    KeyMade,
    KeyRevoked,
    KeyRow,
    KeyTrusted,
    ListKeys,
    RevokeKey,
    TrustKey,
)
from steelyard.signing.errors import (
    FingerprintDiffers,
    KeyExists,
    KeyNotUsable,
    NoSuchKey,
    PassphraseNeeded,
    TrustIsManaged,
)
from steelyard.signing.key_record import (
    MAX_FILE_BYTES,
    KeyRecord,
    Purpose,
    checked_name,
    checked_purposes,
    read_public_key,
    write_record,
)
from steelyard.signing.own_keys import OwnKey
from steelyard.signing.public_key import PublicKey
from steelyard.signing.trust import MANAGED_ONLY, Origin, TrustedKey, TrustList

MAX_DAYS = 36_500


@operation("key.create", summary="Make a signing key", mutates=True, audited=("name", "purpose"))
def create_key(context: Context, request: CreateKey) -> KeyMade:
    """Make a key and write its public part beside it.

    Raises:
        MalformedKey: the name or the purpose cannot be used.
        KeyExists: there is one of this name.
        PassphraseNeeded: the named environment variable is not set.
    """
    installation = context.installation
    (purpose,) = checked_purposes((request.purpose,))
    now = installation.clock()
    made = installation.own_keys.create(
        request.name,
        purpose,
        valid_from=now,
        valid_until=_end(now, request.valid_days),
        passphrase=given_passphrase(request.passphrase_variable, request.passphrase),
    )
    _name(context, made.record)
    row = _row(context, TrustedKey(made.record, Origin.OWN), installation.trust())
    return KeyMade(row, str(installation.own_keys.public_file(request.name)))


@operation("key.list", summary="Own keys and trusted ones")
def list_keys(context: Context, request: ListKeys) -> KeyList:
    """Every key, and how it stands."""
    trust = context.installation.trust()
    order = list(Origin)
    keys = sorted(trust.keys, key=lambda known: (order.index(known.origin), known.record.name))
    return KeyList(
        tuple(_row(context, known, trust) for known in keys),
        context.installation.settings.text("trust.keys"),
        trust.problems,
    )


@operation("key.export", summary="Write a key's public part", mutates=True, audited=("name", "out"))
def export_key(context: Context, request: ExportKey) -> KeyExported:
    """Write the public part of an own or trusted key to a new file.

    Raises:
        NoSuchKey: there is none of this name.
        NotFound: the folder is not there.
        KeyExists: the file is there already; it stays.
    """
    record = _find(context.installation.trust(), request.name)[0].record
    _name(context, record)
    out = request.out
    if out.is_dir():
        out = out / f"{record.name}.pub.pem"
    if out.exists():
        raise KeyExists(
            f"{out} is there already. It was left as it is.",
            next_step="Name another file, or move that one away.",
            path=str(out),
        )
    if not out.parent.is_dir():
        raise NotFound(f"There is no folder {out.parent}.", path=str(out.parent))
    durable.write_bytes(out, write_record(record), mode=0o644)
    return KeyExported(str(out), record.key.fingerprint)


@operation(
    "key.trust",
    summary="Believe a key from now on",
    mutates=True,
    audited=("path", "name", "purposes", "fingerprint"),
)
def trust_key(context: Context, request: TrustKey) -> KeyTrusted:
    """Put a key into the user's trust list, if it is the one whose fingerprint was told.

    Raises:
        NotFound: there is no such file.
        MalformedKey: it is no public key, or name or purposes cannot be used.
        FingerprintDiffers: it is another key than the one that was told of.
        KeyExists: the name belongs to another key.
        KeyNotUsable: the key was revoked here.
        TrustIsManaged: only the administrator decides who is believed.
    """
    installation = context.installation
    choice = installation.settings.get("trust.keys")
    if choice.value == MANAGED_ONLY:
        raise TrustIsManaged(
            "Only keys the administrator trusts count here. Nothing was changed.",
            next_step="Ask whoever manages this machine to trust the key.",
            key="trust.keys",
            origin=choice.origin,
        )
    told = parse_digest("".join(c for c in request.fingerprint if c not in string.whitespace))
    key = read_public_key(_file(request.path))
    if key.fingerprint != told:
        raise FingerprintDiffers(
            "The key in the file is not the one whose fingerprint was given. It is not trusted.",
            next_step="Ask its owner for the fingerprint again, in person or by telephone; if it still "
            "differs, the file is not from them.",
            expected=told,
            found=key.fingerprint,
        )
    if (revoked := installation.trust().revocation(key.fingerprint)) is not None:
        raise KeyNotUsable(
            f"This key was revoked here: {revoked.reason}. It is not trusted again.",
            next_step="Ask its owner to make a new key.",
            key_id=key.key_id,
        )
    now = installation.clock()
    record = KeyRecord(
        checked_name(request.name),
        key,
        checked_purposes(request.purposes),
        now,
        _end(now, request.valid_days),
    )
    installation.user_trust.add(record)
    _name(context, record)
    return KeyTrusted(_row(context, TrustedKey(record, Origin.USER), installation.trust()))


@operation("key.revoke", summary="Stop believing a key", mutates=True, audited=("name", "reason"))
def revoke_key(context: Context, request: RevokeKey) -> KeyRevoked:
    """Revoke a key wherever the user has it; a managed one by a record in the user's own list.

    Raises:
        NoSuchKey: there is none of this name.
        UsageError: two different keys have this name.
        MalformedKey: the reason is no line of text.
    """
    installation = context.installation
    found = _find(installation.trust(), request.name)
    _name(context, found[0].record)
    now = installation.clock()
    for known in found:
        if known.origin is Origin.OWN:
            installation.own_keys.keep(known.record.revoke(now, request.reason))
    if all(known.origin is not Origin.OWN for known in found):
        # Of a managed key too: this user's word is enough to stop believing, not to begin.
        installation.user_trust.add(found[-1].record.revoke(now, request.reason))
    trust = installation.trust()
    shown = next(k for k in trust.keys if k.record.key == found[0].record.key)
    return KeyRevoked(_row(context, shown, trust))


def given_passphrase(variable: str, typed: str = "") -> str:
    """The passphrase a person typed, or the value of the environment variable that was named; empty when
    neither was given.

    Raises:
        PassphraseNeeded: the variable is not set, or empty.
    """
    if typed or not variable:
        return typed
    value = os.environ.get(variable, "")
    if not value:
        raise PassphraseNeeded(
            f"The environment variable {variable} is not set, so there is no passphrase.",
            next_step="Set it, or leave the option out.",
            variable=variable,
        )
    return value


def opened_key(
    context: Context, name: str, purpose: Purpose, *, passphrase_variable: str = "", typed: str = ""
) -> OwnKey:
    """An own key, opened to sign with.

    Raises:
        NoSuchKey, MalformedKey, KeyNotUsable, PassphraseNeeded, PassphraseWrong: as `OwnKeys.open`.
    """
    installation = context.installation
    return installation.own_keys.open(
        name,
        purpose,
        at=installation.clock(),
        passphrase=given_passphrase(passphrase_variable, typed),
    )


def _find(trust: TrustList, name: str) -> list[TrustedKey]:
    """Every record of the one key with this name, key id or fingerprint; own first."""
    wanted = name.casefold()
    keys = {
        known.record.key
        for known in trust.keys
        if wanted
        in (known.record.name.casefold(), known.record.key.key_id, known.record.key.fingerprint)
    }
    if not keys:
        raise NoSuchKey(
            f"There is no key {name} here.", next_step="See steelyard key list.", key=name
        )
    if len(keys) > 1:
        raise UsageError(
            f"{len(keys)} different keys are called {name}.",
            next_step="Give the key id or the fingerprint instead; see steelyard key list.",
            key=name,
        )
    order = list(Origin)
    found = [known for known in trust.keys if known.record.key in keys]
    return sorted(found, key=lambda known: order.index(known.origin))


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.", path=str(path)) from error


def _end(now: datetime, valid_days: int) -> datetime | None:
    if not 0 <= valid_days <= MAX_DAYS:
        raise UsageError(
            f"A key is valid for 1 to {MAX_DAYS} days; 0 means without end.", valid_days=valid_days
        )
    return now + timedelta(days=valid_days) if valid_days else None


def _name(context: Context, record: KeyRecord) -> None:
    context.subject = {"name": record.name, "digest": record.key.fingerprint}


def _row(context: Context, known: TrustedKey, trust: TrustList) -> KeyRow:
    record = known.record
    key: PublicKey = record.key
    own = known.origin is Origin.OWN
    revoked = trust.revocation(key.fingerprint)
    return KeyRow(
        name=record.name,
        key_id=key.key_id,
        fingerprint=key.fingerprint,
        algorithm=key.algorithm.value,
        purposes=tuple(purpose.value for purpose in record.purposes),
        own=own,
        origin=known.origin.value,
        state=trust.judge(known, None, context.installation.clock()).standing.value,
        valid_from=iso_utc(record.valid_from),
        valid_until=iso_utc(record.valid_until) if record.valid_until else None,
        protected=own and context.installation.own_keys.protected(record.name),
        revoked_reason=revoked.reason if revoked else "",
    )
