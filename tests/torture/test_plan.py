"""Which test holds each line of the list of attacks and failures, as far as readers, disks and the store go.

The numbers are those of the project's list of threats: 1 to 32 are files from outside, 46 to 54 disks and the
store. A test that is renamed or removed without another in its place fails here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
GGUF = "formats/test_gguf_hostile.py"
CONFIG = "formats/test_hf_config.py"
CONTENT = "formats/test_content.py"
SAFETENSORS = "formats/test_safetensors.py"
ATTACKS = "formats/test_chat_template_attacks.py"
DISK = "torture/test_disk.py"

HELD_BY: dict[int, tuple[tuple[str, str], ...]] = {
    **{number: ((GGUF, f"def test_{number}_"),) for number in range(1, 21)},
    21: (
        ("formats/test_gguf_shards.py", "def test_a_missing_part_is_named"),
        ("formats/test_gguf_shards.py", "whole_by_its_header_is_refused_beside_others"),
    ),
    22: (
        (SAFETENSORS, "def test_22_a_header_bomb"),
        (SAFETENSORS, "def test_22_gaps_overlaps"),
        (SAFETENSORS, "def test_22_duplicate_keys"),
        (SAFETENSORS, "def test_22_a_header_of_more_than_100_mb"),
        ("formats/test_model_facts.py", "def test_weights_that_the_index_does_not_name"),
    ),
    23: ((CONTENT, "def test_23_a_file_that_is_also_a_zip"), (CONTENT, "def test_23_a_zip_hidden")),
    24: ((SAFETENSORS, "def test_24_file_names_that_lead_outside"),),
    25: ((CONFIG, "def test_25_code_beside_the_config"),),
    26: ((CONFIG, "def test_26_an_implementation_that_names_code"),),
    27: ((CONFIG, "def test_27_a_vocabulary_outside_the_folder"),),
    28: (
        (CONTENT, "def test_28_a_pickle_of_any_protocol_under_any_name"),
        (CONTENT, "def test_28_a_pickle_inside_a_zip"),
        ("intake/test_importing.py", "def test_a_pickle_called_a_card"),
        ("intake/test_importing.py", "def test_a_pickle_called_the_second_part"),
    ),
    29: ((CONFIG, "def test_29_another_repository_is_refused"),),
    30: ((ATTACKS, "def test_reaching_out_of_the_sandbox"),),
    31: (
        (ATTACKS, "def test_a_costly_template_stops_within_a_second"),
        (ATTACKS, "def test_all_costly_templates_together_stay_below_256_mib"),
    ),
    32: (("formats/test_template_lint.py", '"own-words"'),),
    46: ((DISK, "def test_killed_anywhere"), ("store/test_surviving.py", "def test_killed_at_any")),
    47: (
        (DISK, "def test_on_a_failing_disk"),
        (DISK, "def test_what_was_written_before_a_failed_fsync_is_not_trusted"),
        ("store/test_failing_disk.py", "def test_an_import_survives_the_failure_of_each"),
    ),
    48: (
        ("torture/test_at_once.py", "def test_48_"),
        ("base/test_base.py", "def test_the_lock_keeps_another_process_out_and_dies_with_it"),
    ),
    49: (
        ("store/test_surviving.py", "def test_a_link_planted_in_quarantine_is_not_followed"),
        ("intake/test_importing.py", "def test_a_link_out_of_the_folder_is_refused"),
    ),
    50: (("torture/test_swap.py", "def test_50_"),),
    51: (("torture/test_swap.py", "def test_51_"),),
    52: (("store/test_store_names.py", "def test_paths_that_collide_on_some_platform"),),
    53: (("store/test_away.py", "def test_an_empty_mount_point_is_away_not_new"),),
    54: (
        ("torture/test_at_once.py", "def test_54_"),
        ("store/test_leases.py", "def test_a_model_another_process_reads_is_not_removed"),
    ),
}


@pytest.mark.parametrize("number", HELD_BY)
def test_each_line_is_held_by_a_test(number: int) -> None:
    for file, words in HELD_BY[number]:
        assert words in (TESTS / file).read_text("utf-8"), f"{number}: {file} has no {words!r}"


def test_no_line_is_left_out() -> None:
    assert sorted(HELD_BY) == [*range(1, 33), *range(46, 55)]
