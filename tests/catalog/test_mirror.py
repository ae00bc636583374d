"""A site mirror from one installation to another: published, read, pulled from, and tampered with in every way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from formats.gguf_builder import small_gguf
from simulators.static_site import StaticSite
from steelyard.base.errors import CheckFailed, MalformedInput, NotFound, RefusedByPolicy, UsageError
from steelyard.base.paths import Home
from steelyard.catalog.errors import MirrorDamaged, MirrorWentBack, NotAMirror, SourceAway
from steelyard.catalog.mirror_format import INDEX, PAYLOAD_TYPE, SIGNATURE, blob_path, parse_index
from steelyard.intake.errors import DigestMismatch
from steelyard.service import Steelyard
from steelyard.service import requests as ask
from steelyard.signing import dsse
from steelyard.signing.errors import (
    SignatureRefused,
    SignatureWrong,
    SignerNotEntitled,
    SignerUnknown,
    Unsigned,
)
from steelyard.signing.key_record import Purpose

GGUF = small_gguf()


@dataclass
class Publisher:
    """An installation that publishes, and the folder it publishes to."""

    desk: Steelyard
    folder: Path
    key_file: Path
    fingerprint: str

    def publish(self, key: str | None = "site", **fields: Any) -> ask.CatalogPublished:
        done: ask.CatalogPublished = self.desk.run(
            ask.PublishCatalog(self.folder, key=key, **fields)
        )
        return done

    def envelope(self, payload: bytes, key: str = "site", kind: str = PAYLOAD_TYPE) -> bytes:
        """Sign something else with the same key."""
        own = self.desk.installation.own_keys
        purpose = own.record(key).purposes[0]
        opened = own.open(key, purpose, at=self.desk.installation.clock())
        return dsse.sign(payload, kind, [opened])


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publisher]:
    """One model imported and published once; tests work on copies of the folder."""
    place = tmp_path_factory.mktemp("publisher")
    home = Home(place / "data", place / "config")
    with Steelyard.open(home, environment={}, managed=place / "none.json") as desk:
        model = place / "little-Q4_K_M.gguf"
        model.write_bytes(GGUF)
        desk.run(ask.ImportModel(model, name="little"))
        made = desk.run(ask.CreateKey("site", "catalog")).key
        desk.run(ask.CreateKey("sender", "bundle"))
        desk.run(ask.ExportKey("site", place / "site.pub.pem"))
        publisher = Publisher(desk, place / "mirror", place / "site.pub.pem", made.fingerprint)
        publisher.publish()
        yield publisher


@pytest.fixture
def publisher(published: Publisher, tmp_path: Path) -> Publisher:
    folder = tmp_path / "mirror"
    shutil.copytree(published.folder, folder)
    return Publisher(published.desk, folder, published.key_file, published.fingerprint)


OpenDesk = Callable[..., Steelyard]


@pytest.fixture
def desk(home: Home, publisher: Publisher, tmp_path: Path) -> Iterator[OpenDesk]:
    """Opens the receiver, whose source `site` is the mirror's folder, or the address given."""
    opened: list[Steelyard] = []

    def make(location: object = None, *, trusted: bool = True, **flags: Any) -> Steelyard:
        site = {"name": "site", "kind": "mirror", "location": str(location or publisher.folder)}
        settings = {"sources.list": [site], "network.offline": location is None}
        desk = Steelyard.open(
            home,
            environment={},
            flags={**settings, **{key.replace("__", "."): value for key, value in flags.items()}},
            managed=tmp_path / "none.json",
        )
        opened.append(desk)
        if trusted and "site" not in [k.name for k in desk.run(ask.ListKeys()).keys]:
            desk.run(ask.TrustKey(publisher.key_file, "site", ("catalog",), publisher.fingerprint))
        return desk

    yield make
    for one in opened:
        one.close()


def refresh(desk: Steelyard) -> ask.CatalogRefreshed:
    result: ask.CatalogRefreshed = desk.run(ask.RefreshCatalog(source="site"))
    return result


def models(desk: Steelyard) -> list[str]:
    page = desk.run(ask.SearchCatalog(facets={"source": ("site",)}))
    return [row.reference for row in page.rows]


# ------------------------------------------------------------------ as it should be


def test_a_folder_is_read_and_pulled_from_while_offline(desk: OpenDesk) -> None:
    receiver = desk()
    assert refresh(receiver).added == 1
    (reference,) = models(receiver)
    detail = receiver.run(ask.ShowEntry(reference))
    assert (detail.variants[0].size_bytes, detail.variants[0].source) == (len(GGUF), "site")
    taken = receiver.run(ask.PullModel(reference))
    assert taken.model.trust.signed_by == "site"
    assert taken.model.trust.publisher_hash == "matches"
    assert taken.model.state == "admitted"
    shown = receiver.run(ask.ShowModel(taken.model.name))
    assert shown.source["kind"] == "mirror"
    assert str(shown.source["endpoint"]).startswith("file://")
    rows = {row.name: row for row in receiver.run(ask.ListSources()).sources}
    assert (rows["site"].signed_by, rows["site"].entries) == ("site", 1)
    assert (
        receiver.run(ask.SearchCatalog(facets={"local": ("yes",), "source": ("site",)})).total == 1
    )


def test_an_address_is_read_and_pulled_from(desk: OpenDesk, publisher: Publisher) -> None:
    with StaticSite(publisher.folder) as site:
        receiver = desk(site.address)
        refresh(receiver)
        taken = receiver.run(ask.PullModel(models(receiver)[0], source="site"))
    assert (taken.model.trust.signed_by, taken.bytes_fetched) == ("site", len(GGUF))
    assert {path for path, _ in site.paths} >= {INDEX, SIGNATURE, blob_path(taken.files[0].sha256)}


def test_an_address_refuses_while_offline(desk: OpenDesk, publisher: Publisher) -> None:
    with StaticSite(publisher.folder) as site:
        receiver = desk(site.address, network__offline=True)
        with pytest.raises(RefusedByPolicy):
            refresh(receiver)
        with pytest.raises(RefusedByPolicy):
            receiver.run(ask.PullModel("site/little", source="site"))
    assert site.paths == []


def test_publishing_again_raises_the_number_and_copies_nothing(publisher: Publisher) -> None:
    before = publisher.folder / blob_path(_only_blob(publisher))
    written = before.stat().st_mtime_ns
    again = publisher.publish()
    assert again.serial > 1
    assert again.signed_by == "site"
    assert (again.models, again.files, again.size_bytes) == (1, 1, len(GGUF))
    assert before.stat().st_mtime_ns == written


def test_the_number_never_goes_back_even_where_an_older_copy_lies(publisher: Publisher) -> None:
    old = (publisher.folder / INDEX).read_bytes()
    second = publisher.publish().serial
    (publisher.folder / INDEX).write_bytes(old)
    assert publisher.publish().serial == second + 1


def test_files_that_no_model_needs_stay_until_they_are_pruned(publisher: Publisher) -> None:
    stray = publisher.folder / blob_path(f"sha256:{'0' * 64}")
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"12345")
    done = publisher.publish()
    assert (done.unreferenced_files, done.pruned_bytes) == (1, 0)
    assert stray.exists()
    assert publisher.publish(prune=True).pruned_bytes == 5
    assert not stray.exists()


def test_a_folder_with_other_things_in_it_is_left_alone(
    publisher: Publisher, tmp_path: Path
) -> None:
    other = tmp_path / "documents"
    other.mkdir()
    (other / "letter.txt").write_text("dear")
    with pytest.raises(MirrorDamaged):
        publisher.desk.run(ask.PublishCatalog(other, key="site"))
    assert sorted(p.name for p in other.iterdir()) == ["letter.txt", "lock"]


def test_only_admitted_models_are_published_and_the_starter_only_when_named(
    publisher: Publisher,
) -> None:
    with pytest.raises(NotFound):
        publisher.publish(models=("no-such",))
    assert publisher.publish(models=("starter", "little")).models == 2


def test_the_wrong_kind_of_key_signs_no_index(publisher: Publisher) -> None:
    with pytest.raises(CheckFailed):
        publisher.publish(key="sender")


def test_a_damaged_file_of_the_store_is_not_published(
    home: Home, publisher: Publisher, tmp_path: Path
) -> None:
    path = tmp_path / "odd.gguf"
    path.write_bytes(GGUF)
    with Steelyard.open(home, environment={}, managed=tmp_path / "none.json") as desk:
        model = desk.run(ask.ImportModel(path, name="odd")).model
        stored = Path(desk.run(ask.ShowModel(model.name)).path) / "odd.gguf"
        stored.chmod(0o644)
        with stored.open("r+b") as stream:
            stream.seek(100)
            stream.write(b"\xff\xff")
        with pytest.raises(MirrorDamaged):
            desk.run(ask.PublishCatalog(tmp_path / "new"))
    assert not (tmp_path / "new" / INDEX).exists()
    assert not list((tmp_path / "new").rglob("*.tmp"))


# ------------------------------------------------------------------ tampering


def _only_blob(publisher: Publisher) -> str:
    (sha256,) = parse_index((publisher.folder / INDEX).read_bytes()).blobs()
    return sha256


def _edited(publisher: Publisher) -> bytes:
    value = json.loads((publisher.folder / INDEX).read_bytes())
    value["models"][0]["title"] = "Other"
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def test_an_unsigned_index_is_refused_unless_policy_allows(
    desk: OpenDesk, publisher: Publisher
) -> None:
    publisher.publish(key=None)
    assert not (publisher.folder / SIGNATURE).exists()
    receiver = desk()
    with pytest.raises(Unsigned):
        refresh(receiver)
    assert models(receiver) == []
    lenient = desk(**{"sources.allow-unsigned-mirror": True})
    refresh(lenient)
    taken = lenient.run(ask.PullModel(models(lenient)[0]))
    assert taken.model.trust.signed_by is None


def test_an_index_by_an_unknown_key_is_refused_unless_policy_allows(desk: OpenDesk) -> None:
    with pytest.raises(SignerUnknown):
        refresh(desk(trusted=False))
    lenient = desk(trusted=False, **{"sources.allow-unsigned-mirror": True})
    refresh(lenient)
    rows = {row.name: row for row in lenient.run(ask.ListSources()).sources}
    assert rows["site"].signed_by is None


def test_an_edited_index_is_refused(desk: OpenDesk, publisher: Publisher) -> None:
    (publisher.folder / INDEX).write_bytes(_edited(publisher))
    with pytest.raises(MirrorDamaged):
        refresh(desk())


@pytest.mark.parametrize("lenient", [False, True])
def test_an_index_edited_inside_its_signature_is_refused_always(
    desk: OpenDesk, publisher: Publisher, lenient: bool
) -> None:
    opened = dsse.read_envelope((publisher.folder / SIGNATURE).read_bytes())
    edited = _edited(publisher)
    forged = dsse.Envelope(opened.payload_type, edited, opened.signatures)
    (publisher.folder / SIGNATURE).write_bytes(dsse.write_envelope(forged))
    (publisher.folder / INDEX).write_bytes(edited)
    with pytest.raises(SignatureWrong):
        refresh(desk(**{"sources.allow-unsigned-mirror": lenient}))


def test_a_revoked_key_is_not_believed(desk: OpenDesk) -> None:
    receiver = desk()
    refresh(receiver)
    receiver.run(ask.RevokeKey("site", "the laptop was stolen"))
    with pytest.raises(SignatureRefused):
        refresh(receiver)
    with pytest.raises(SignatureRefused):
        receiver.run(ask.PullModel(models(receiver)[0]))


def test_a_key_for_bundles_signs_no_index(desk: OpenDesk, publisher: Publisher) -> None:
    receiver = desk()
    exported = publisher.folder.parent / "sender.pub.pem"
    told = publisher.desk.run(ask.ExportKey("sender", exported))
    receiver.run(ask.TrustKey(exported, "sender", ("bundle",), told.fingerprint))
    data = (publisher.folder / INDEX).read_bytes()
    (publisher.folder / SIGNATURE).write_bytes(publisher.envelope(data, "sender"))
    with pytest.raises(SignerNotEntitled):
        refresh(receiver)


def test_another_kind_of_signed_document_is_no_index(desk: OpenDesk, publisher: Publisher) -> None:
    data = (publisher.folder / INDEX).read_bytes()
    (publisher.folder / SIGNATURE).write_bytes(publisher.envelope(data, kind="application/other"))
    with pytest.raises(SignatureRefused):
        refresh(desk())


def test_an_older_index_is_refused_by_refresh_and_pull(
    desk: OpenDesk, publisher: Publisher
) -> None:
    old = {name: (publisher.folder / name).read_bytes() for name in (INDEX, SIGNATURE)}
    publisher.publish()
    receiver = desk()
    refresh(receiver)
    for name, data in old.items():
        (publisher.folder / name).write_bytes(data)
    with pytest.raises(MirrorWentBack):
        refresh(receiver)
    with pytest.raises(MirrorWentBack):
        receiver.run(ask.PullModel(models(receiver)[0]))


def test_two_indexes_with_one_number_are_refused(desk: OpenDesk, publisher: Publisher) -> None:
    receiver = desk()
    refresh(receiver)
    edited = _edited(publisher)
    (publisher.folder / INDEX).write_bytes(edited)
    (publisher.folder / SIGNATURE).write_bytes(publisher.envelope(edited))
    with pytest.raises(MirrorDamaged, match="under this number"):
        refresh(receiver)


def test_a_flipped_bit_in_a_file_is_not_admitted(desk: OpenDesk, publisher: Publisher) -> None:
    blob = publisher.folder / blob_path(_only_blob(publisher))
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.write_bytes(bytes(data))
    receiver = desk()
    refresh(receiver)
    with pytest.raises(DigestMismatch):
        receiver.run(ask.PullModel(models(receiver)[0]))
    held = [m for m in receiver.run(ask.ListModels()).models if m.state == "quarantined"]
    assert [m.trust.publisher_hash for m in held] == ["differs"]


def test_a_missing_file_is_said(desk: OpenDesk, publisher: Publisher) -> None:
    (publisher.folder / blob_path(_only_blob(publisher))).unlink()
    receiver = desk()
    refresh(receiver)
    with pytest.raises(NotFound):
        receiver.run(ask.PullModel(models(receiver)[0]))


def test_a_link_in_place_of_a_file_is_not_followed(desk: OpenDesk, publisher: Publisher) -> None:
    index = publisher.folder / INDEX
    elsewhere = publisher.folder.parent / "elsewhere.json"
    index.rename(elsewhere)
    index.symlink_to(elsewhere)
    with pytest.raises(MirrorDamaged):
        refresh(desk())


def test_a_folder_without_an_index_is_no_mirror_and_an_absent_one_is_away(
    desk: OpenDesk, publisher: Publisher
) -> None:
    receiver = desk()
    refresh(receiver)
    (publisher.folder / INDEX).unlink()
    with pytest.raises(NotAMirror):
        refresh(receiver)
    shutil.rmtree(publisher.folder)
    with pytest.raises(SourceAway):
        refresh(receiver)
    assert len(models(receiver)) == 1


INDEX_EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another kind": lambda v: v.update(kind="x"),
    "a later format": lambda v: v.update(format=2),
    "no serial": lambda v: v.pop("serial"),
    "serial 0": lambda v: v.update(serial=0),
    "serial as text": lambda v: v.update(serial="9"),
    "models no list": lambda v: v.update(models={}),
    "a model no object": lambda v: v["models"].append(7),
    "reference with ..": lambda v: v["models"][0].update(reference="../x"),
    "revision": lambda v: v["models"][0].update(revision="main"),
    "digest": lambda v: v["models"][0].update(digest="sha256:xyz"),
    "no files": lambda v: v["models"][0].update(files=[]),
    "path with ..": lambda v: v["models"][0]["files"][0].update(path="../../etc/passwd"),
    "absolute path": lambda v: v["models"][0]["files"][0].update(path="/etc/passwd"),
    "size": lambda v: v["models"][0]["files"][0].update(size_bytes=-1),
    "file digest": lambda v: v["models"][0]["files"][0].update(sha256="sha256:../../x"),
    "two of a path": lambda v: v["models"][0]["files"].append(v["models"][0]["files"][0]),
}


@pytest.mark.parametrize("edit", INDEX_EDITS.values(), ids=INDEX_EDITS)
def test_a_malformed_index_is_refused_even_when_it_is_signed(
    published: Publisher, edit: Callable[[dict[str, Any]], object]
) -> None:
    value = json.loads((published.folder / INDEX).read_bytes())
    edit(value)
    with pytest.raises(MalformedInput):
        parse_index(json.dumps(value).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 10_000, b'{"a":1,"a":1}'])
def test_what_is_no_index_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedInput):
        parse_index(data)


def test_a_mirror_has_nothing_that_is_pulled_from_elsewhere(desk: OpenDesk) -> None:
    receiver = desk()
    with pytest.raises(UsageError):
        receiver.run(ask.PullModel("starter", source="starter"))
    assert Purpose.CATALOG == "catalog"
