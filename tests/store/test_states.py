"""Which state may follow which, and what only judging the bytes anew can bring back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steelyard.base.paths import Home
from steelyard.store.errors import IllegalTransition, ModelRetired, NotAdmitted
from steelyard.store.quarantine import RESUMABLE, QuarantineFolder
from steelyard.store.records import Model, PublisherHash, Scan, State, Trust
from steelyard.store.states import TRANSITIONS, check_transition
from steelyard.store.store import Store
from store.model_samples import CLEAN, everything, manifest, put

GGUF = {"tiny.gguf": b"weights" * 100}
REFUSED = Trust(publisher_hash=PublisherHash.DIFFERS)


def held(
    store: Store,
    files: dict[str, bytes] = GGUF,
    name: str = "tiny",
    state: State = State.QUARANTINED,
    trust: Trust = REFUSED,
) -> tuple[Model, QuarantineFolder]:
    folder = store.new_quarantine()
    for path, data in files.items():
        folder.file(path).write_bytes(data)
    return store.hold(manifest(files, name), folder, trust, state, "It differs."), folder


@pytest.mark.parametrize("old", State)
@pytest.mark.parametrize("new", State)
def test_every_pair_of_states_is_either_allowed_or_refused_with_both_named(
    old: State, new: State
) -> None:
    if new is old or new in TRANSITIONS[old]:
        check_transition(old, new)
        return
    with pytest.raises(IllegalTransition) as refusal:
        check_transition(old, new)
    assert refusal.value.facts == {"from": old.value, "to": new.value}


def test_no_state_leads_to_admitted_past_quarantine() -> None:
    for state in (State.EXPECTED, State.FETCHING):
        assert not TRANSITIONS[state] & {State.VERIFIED, State.ADMITTED}


def test_a_verified_model_is_admitted_by_a_word(home: Home) -> None:
    store = Store(home)
    model = put(store, GGUF, state=State.VERIFIED, trust=Trust(scan=Scan.CLEAN))
    store.set_trust(model, replace(model.trust, approved_by="the reviewer"))
    admitted = store.set_state(model, State.ADMITTED, "Approved.")
    assert (admitted.state, admitted.reason) == (State.ADMITTED, "Approved.")
    assert admitted.trust.approved_by == "the reviewer"
    assert store.get("tiny") == admitted
    assert store.check_unchanged(admitted)


@pytest.mark.parametrize("state", [State.VERIFIED, State.ADMITTED])
def test_what_lies_in_quarantine_is_not_admitted_by_a_word(home: Home, state: State) -> None:
    store = Store(home)
    model, _ = held(store)
    with pytest.raises(IllegalTransition):
        store.set_state(model, state)
    assert store.get("tiny").state is State.QUARANTINED


def test_rejected_and_retired_are_not_left_by_a_word(home: Home) -> None:
    store = Store(home)
    rejected = store.set_state(put(store, GGUF), State.REJECTED, "Not for us.")
    for state in (State.ADMITTED, State.VERIFIED, State.QUARANTINED):
        with pytest.raises(IllegalTransition):
            store.set_state(rejected, state)
    with pytest.raises(IllegalTransition):
        store.set_state(rejected, State.RETIRED)
    store.remove(rejected)
    with pytest.raises(IllegalTransition):
        store.set_state(rejected, State.ADMITTED)
    assert put(store, GGUF).state is State.ADMITTED


def test_held_files_are_shown_with_their_reason_and_opened_by_nobody(home: Home) -> None:
    store = Store(home)
    model, folder = held(store)
    assert store.models() == (model,)
    assert (model.state, model.reason) == (State.QUARANTINED, "It differs.")
    assert store.view(model) == folder.files
    with pytest.raises(NotAdmitted):
        store.main_file(model)
    with pytest.raises(NotAdmitted):
        store.verify_before_load(model)
    assert store.verify(model).ok
    assert store.get("tiny").state is State.QUARANTINED


def test_held_files_outlive_the_process(home: Home) -> None:
    with Store(home) as store:
        model, folder = held(store)
    with Store(home) as store:
        assert (store.view(model) / "tiny.gguf").read_bytes() == GGUF["tiny.gguf"]
        assert store.get(model.digest) == model
    assert folder.path.is_dir()


def test_a_good_model_takes_its_name_from_a_refused_one(home: Home) -> None:
    store = Store(home)
    refused, _ = held(store, {"tiny.gguf": b"bad"})
    good = put(store, GGUF, name_given=True)
    assert good.name == "tiny"
    renamed = store.get(refused.digest)
    assert renamed.name == f"tiny-quarantined-{refused.digest[7:15]}"
    assert store.get("tiny") == good


def test_a_refused_model_does_not_take_the_name_of_a_good_one(home: Home) -> None:
    store = Store(home)
    good = put(store, GGUF)
    refused, _ = held(store, {"tiny.gguf": b"bad"}, state=State.REJECTED)
    assert refused.name == f"tiny-rejected-{refused.digest[7:15]}"
    assert store.get("tiny") == good


def test_holding_what_is_whole_in_the_store_changes_nothing(home: Home) -> None:
    store = Store(home)
    good = put(store, GGUF)
    model, folder = held(store)
    assert model == good
    assert not folder.path.exists()
    assert store.check_unchanged(good)


def test_holding_the_same_bytes_again_keeps_one_folder(home: Home) -> None:
    store = Store(home)
    _, first = held(store)
    model, second = held(store, state=State.REJECTED)
    assert not first.path.exists()
    assert store.view(model) == second.files
    assert [m.state for m in store.models()] == [State.REJECTED]


def test_judged_anew_and_found_good_it_leaves_quarantine(home: Home) -> None:
    store = Store(home)
    _, folder = held(store)
    model = put(store, GGUF)
    assert model.state is State.ADMITTED
    assert model.trust == CLEAN
    assert not folder.path.exists()
    assert store.main_file(model).read_bytes() == GGUF["tiny.gguf"]


def test_files_of_a_download_are_held_apart_from_its_next_try(home: Home) -> None:
    store = Store(home)
    folder = store.new_quarantine("pull-1")
    folder.file("tiny.gguf").write_bytes(GGUF["tiny.gguf"])
    (folder.path / RESUMABLE).write_text("{}")
    model = store.hold(manifest(GGUF), folder, REFUSED, State.REJECTED, "It is malformed.")
    assert store.view(model).parent.name != "pull-1"
    assert (store.view(model) / "tiny.gguf").read_bytes() == GGUF["tiny.gguf"]
    again = store.new_quarantine("pull-1")
    assert not any(again.files.iterdir())


def test_removing_held_files_removes_their_folder(home: Home) -> None:
    store = Store(home)
    model, folder = held(store)
    removal = store.remove(model)
    assert removal.freed_bytes == len(GGUF["tiny.gguf"])
    assert not folder.path.exists()
    assert everything(home) == {}
    with pytest.raises(ModelRetired):
        store.view(model)
