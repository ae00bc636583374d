"""What tests of bundles share: two sides of an air gap, small models, keys, and ways to break a bundle."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from formats.gguf_builder import Tensor, build_gguf, llama_tensors, tiny_llama
from intake.judging import judge_here
from steelyard.base.digests import digest_of
from steelyard.base.paths import Home
from steelyard.base.progress import Reporter
from steelyard.bundles import checking, tar
from steelyard.bundles.checking import Opened, Rules
from steelyard.bundles.creating import Attachment, BundleSpec, Created, create
from steelyard.bundles.importing import Imported, import_bundle
from steelyard.bundles.ledger import Ledger
from steelyard.bundles.sources import Source, open_source, read_whole
from steelyard.signing.key_record import KeyRecord, Purpose
from steelyard.signing.own_keys import OwnKey, OwnKeys
from steelyard.signing.trust import TrustList
from steelyard.store.records import Model
from steelyard.store.store import Store
from store.model_samples import put

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MIB = 1024 * 1024
README = b"---\nlicense: mit\n---\nA model.\n"


def large_llama(size_bytes: int, seed: int = 1) -> bytes:
    """A well-formed GGUF file somewhat larger than `size_bytes`, full of bytes that differ everywhere."""
    drawn, left = random.Random(seed), size_bytes // 128 * 128
    data = b"".join(drawn.randbytes(min(MIB, left - at)) for at in range(0, left, MIB))
    tensors = llama_tensors(
        layers=1, width=32, feed_forward=64, key_value=16, vocab=261, weight_type=0
    )
    tensors.append(Tensor("extra.weight", (len(data) // 128, 32), data=data))
    return build_gguf(_metadata(), tensors)


def _metadata() -> dict[str, Any]:
    return {
        "general.architecture": "llama",
        "general.name": "large",
        "llama.block_count": 1,
        "llama.context_length": 128,
        "llama.embedding_length": 32,
        "llama.feed_forward_length": 64,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2,
    }


TINY = {"tiny.gguf": tiny_llama(), "README.md": README}
LARGE = {"large.gguf": large_llama(3 * MIB + 12_345), "README.md": README}


@dataclass
class Side:
    """One side of the gap: a home with its store and ledger."""

    home: Home
    store: Store
    ledger: Ledger

    @classmethod
    def at(cls, folder: Path) -> Side:
        home = Home(folder / "data", folder / "config")
        home.prepare()
        return cls(home, Store(home, clock=lambda: NOW), Ledger(home.bundles))

    def close(self) -> None:
        self.ledger.close()
        self.store.close()

    def put(self, files: Mapping[str, bytes] = TINY, name: str = "tiny") -> Model:
        return put(self.store, files, name)

    def names(self) -> set[str]:
        return {model.name for model in self.store.models()}


class Keys:
    """Keys by name, each made once for all tests."""

    def __init__(self, folder: Path) -> None:
        self._own = OwnKeys(folder)
        self._made: dict[str, OwnKey] = {}

    def make(self, name: str = "anna") -> OwnKey:
        if name not in self._made:
            day = timedelta(days=1)
            self._made[name] = self._own.create(
                name, Purpose.BUNDLE, valid_from=NOW - day, valid_until=NOW + day
            )
        return self._made[name]


def trusting(*keys: OwnKey | KeyRecord, needed: int = 1, allow_unsigned: bool = False) -> Rules:
    """Believe these keys."""
    records = [key.record if isinstance(key, OwnKey) else key for key in keys]
    return Rules(TrustList.of(*records), NOW, needed, allow_unsigned)


def make(
    side: Side,
    out: Path,
    *keys: OwnKey,
    models: tuple[Model, ...] | None = None,
    attachments: tuple[Attachment, ...] = (),
    split_bytes: int = 0,
    report: Reporter | None = None,
) -> Created:
    """A bundle of everything in a side's store."""
    spec = BundleSpec(models or side.store.models(), out, split_bytes, attachments)
    return create(side.store, side.ledger, spec, keys, report)


def take(
    side: Side,
    path: Path,
    rules: Rules,
    *,
    second: Path | None = None,
    report: Reporter | None = None,
    **options: Any,
) -> Imported:
    """Import as the operation does, with a judge in this process."""
    opened = checking.open_bundle(path, rules)
    other = open_source(second) if second else None
    try:
        options.setdefault("judge", judge_here)
        return import_bundle(side.store, side.ledger, opened, report, second=other, **options)
    finally:
        opened.source.close()
        if other is not None:
            other.close()


def opened(path: Path, rules: Rules) -> Opened:
    """Open and close again; what was read stays."""
    found = checking.open_bundle(path, rules)
    found.source.close()
    return found


def unpacked(path: Path) -> dict[str, bytes]:
    """Every file of a bundle."""
    source: Source = open_source(path)
    try:
        return {name: read_whole(source, name) for name in source.sizes}
    finally:
        source.close()


def pack(path: Path, files: Mapping[str, bytes]) -> Path:
    """A container with these files as they are, in the form that is read."""
    path.write_bytes(container(files))
    return path


def container(files: Mapping[str, bytes]) -> bytes:
    pieces = [
        tar.header(name, len(data)) + data + bytes(tar.padded(len(data)) - len(data))
        for name, data in files.items()
    ]
    return b"".join(pieces) + tar.END


def edit_manifest(files: dict[str, bytes], change: Callable[[Any], None]) -> dict[str, bytes]:
    """The files with `bundle.json` changed, and without signatures."""
    value = json.loads(files["bundle.json"])
    change(value)
    data = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    kept = {p: d for p, d in files.items() if not p.startswith("signatures/")}
    return {**kept, "bundle.json": data}


def signed(
    files: Mapping[str, bytes], *keys: OwnKey, ignored: tuple[str, ...] = ("signatures",)
) -> dict[str, bytes]:
    """The files with signatures of these keys over exactly them."""
    from steelyard.signing import model_signing

    statement = model_signing.statement_for(
        {path: digest_of(data) for path, data in files.items()}, "bundle", ignored=ignored
    )
    signatures = {
        f"signatures/{key.key.key_id}.json": model_signing.sign(statement, key) for key in keys
    }
    return {**files, **signatures}


def flip(path: Path, offset: int) -> None:
    """Change one bit of a file."""
    with path.open("r+b") as stream:
        stream.seek(offset)
        byte = stream.read(1)[0]
        stream.seek(offset)
        stream.write(bytes([byte ^ 1]))
