"""Manifests and trust facts as JSON, both ways. What comes back is checked field by field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TypeVar

from steelyard.base.canonical import canonical_bytes, strict_loads
from steelyard.base.errors import Json
from steelyard.store.errors import MalformedRecord
from steelyard.store.records import (
    FileEntry,
    LicenseEvidence,
    Manifest,
    PublisherHash,
    Scan,
    Source,
    Trust,
)

Record = Manifest | Trust
T = TypeVar("T")


def to_text(record: Record) -> str:
    """The canonical JSON of a manifest or of trust facts."""
    return canonical_bytes(asdict(record)).decode()


def manifest_from(text: str) -> Manifest:
    """The inverse of `to_text` for a manifest.

    Raises:
        MalformedRecord: a field is missing or has another type; naming it.
    """
    fields = _Fields(strict_loads(text, what="The stored manifest"), "manifest")
    files = fields.items("files")
    source, license_ = fields.inner("source"), fields.inner("license")
    return Manifest(
        name=fields.text("name"),
        title=fields.text("title"),
        publisher=fields.text("publisher"),
        format=fields.text("format"),
        quantization=fields.text("quantization"),
        architecture=fields.text("architecture"),
        parameters=fields.number("parameters"),
        context_length=fields.number("context_length"),
        tokenizer_digest=fields.text_or_none("tokenizer_digest"),
        template_digest=fields.text_or_none("template_digest"),
        files=tuple(_file_from(entry) for entry in files),
        source=Source(
            kind=source.text("kind"),
            path=source.text_or_none("path"),
            endpoint=source.text_or_none("endpoint"),
            repository=source.text_or_none("repository"),
            commit=source.text_or_none("commit"),
            linked=source.flag_or_false("linked"),
        ),
        license=LicenseEvidence(
            card=license_.text_or_none("card"),
            file=license_.text_or_none("file"),
            file_path=license_.text_or_none("file_path"),
            header=license_.text_or_none("header"),
            license_id=license_.text_or_none("license_id"),
            agree=license_.flag("agree"),
        ),
        base_models=fields.texts("base_models"),
    )


def trust_from(text: str) -> Trust:
    """The inverse of `to_text` for trust facts.

    Raises:
        MalformedRecord: a field is missing or has another type; naming it.
    """
    fields = _Fields(strict_loads(text, what="The stored trust facts"), "trust")
    return Trust(
        publisher_hash=fields.choice("publisher_hash", PublisherHash),
        signed_by=fields.text_or_none("signed_by"),
        scan=fields.choice("scan", Scan),
        approved_by=fields.text_or_none("approved_by"),
        findings=fields.texts("findings"),
    )


def _file_from(fields: _Fields) -> FileEntry:
    size_bytes = fields.number("size_bytes")
    if size_bytes is None or size_bytes < 0:
        raise fields.wrong("size_bytes")
    return FileEntry(
        path=fields.text("path"),
        size_bytes=size_bytes,
        sha256=fields.text("sha256"),
        publisher_hash=fields.choice("publisher_hash", PublisherHash),
    )


class _Fields:
    """One JSON object and where it stands, so that an error can name the field."""

    def __init__(self, value: Json, where: str) -> None:
        if not isinstance(value, dict):
            raise MalformedRecord(f"The stored {where} is not an object.", field=where)
        self._values, self._where = value, where

    def wrong(self, key: str) -> MalformedRecord:
        name = f"{self._where}.{key}"
        return MalformedRecord(f"The stored {name} is missing or of the wrong kind.", field=name)

    def _get(self, key: str, accept: Callable[[Json], bool]) -> Json:
        if key not in self._values or not accept(self._values[key]):
            raise self.wrong(key)
        return self._values[key]

    def text(self, key: str) -> str:
        return str(self._get(key, lambda value: isinstance(value, str)))

    def text_or_none(self, key: str) -> str | None:
        value = self._get(key, lambda value: value is None or isinstance(value, str))
        return None if value is None else str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._get(key, lambda value: isinstance(value, list))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key)
        return tuple(str(item) for item in value)

    def number(self, key: str) -> int | None:
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key)
        return value

    def flag(self, key: str) -> bool:
        return bool(self._get(key, lambda value: isinstance(value, bool)))

    def flag_or_false(self, key: str) -> bool:
        """For a field that records of an earlier version do not have."""
        return key in self._values and self.flag(key)

    def choice(self, key: str, kind: Callable[[str], T]) -> T:
        try:
            return kind(self.text(key))
        except ValueError as error:
            raise self.wrong(key) from error

    def inner(self, key: str) -> _Fields:
        return _Fields(
            self._get(key, lambda value: isinstance(value, dict)), f"{self._where}.{key}"
        )

    def items(self, key: str) -> tuple[_Fields, ...]:
        value = self._get(key, lambda value: isinstance(value, list))
        assert isinstance(value, list)
        return tuple(_Fields(item, f"{self._where}.{key}[]") for item in value)
