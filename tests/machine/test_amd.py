"""AMD graphics, from sysfs trees as the amdgpu driver writes them."""

from __future__ import annotations

from pathlib import Path

from machine.kernel_tree import write_tree
from steelyard.machine.amd import read_amd

GIB = 2**30


def card(
    number: int, *, metrics_format: int, vram_gib: int, gtt_gib: int
) -> dict[str, str | bytes]:
    folder = f"sys/class/drm/card{number}/device/"
    return {
        folder + "vendor": "0x1002\n",
        folder + "device": "0x744c\n",
        folder + "gpu_metrics": bytes([0x98, 0x00, metrics_format, 3]) + bytes(40),
        folder + "mem_info_vram_total": f"{vram_gib * GIB}\n",
        folder + "mem_info_vram_used": f"{GIB}\n",
        folder + "mem_info_gtt_total": f"{gtt_gib * GIB}\n",
        folder + "mem_info_gtt_used": f"{2 * GIB}\n",
    }


def test_a_card_has_its_own_memory(tmp_path: Path) -> None:
    files = card(0, metrics_format=1, vram_gib=24, gtt_gib=31)
    files["sys/class/drm/card0/device/product_name"] = "Radeon RX 7900 XTX\n"
    files["sys/class/drm/card0-HDMI-A-1/device/vendor"] = "0x1002\n"
    files["sys/module/amdgpu/version"] = "6.8.5\n"
    gpus, problems = read_amd(write_tree(tmp_path, files))
    assert len(gpus) == 1
    assert (gpus[0].name, gpus[0].backend, gpus[0].driver) == (
        "Radeon RX 7900 XTX",
        "amdgpu",
        "amdgpu 6.8.5",
    )
    assert (gpus[0].total_bytes, gpus[0].free_bytes) == (24 * GIB, 23 * GIB)
    assert problems == ()


def test_built_in_graphics_may_also_use_main_memory(tmp_path: Path) -> None:
    gpus, _ = read_amd(write_tree(tmp_path, card(1, metrics_format=2, vram_gib=2, gtt_gib=14)))
    assert (gpus[0].total_bytes, gpus[0].free_bytes) == (16 * GIB, 13 * GIB)
    assert gpus[0].name == "AMD GPU 0x744c"


def test_a_card_that_tells_no_memory_is_listed_and_said(tmp_path: Path) -> None:
    files = {"sys/class/drm/card0/device/vendor": "0x1002\n"}
    gpus, problems = read_amd(write_tree(tmp_path, files))
    assert (gpus[0].total_bytes, gpus[0].free_bytes) == (None, None)
    assert problems == ("The AMD driver does not tell how much memory AMD GPU has.",)


def test_cards_of_other_makers_are_left_to_their_own_drivers(tmp_path: Path) -> None:
    files = {"sys/class/drm/card0/device/vendor": "0x10de\n"}
    assert read_amd(write_tree(tmp_path, files)) == ((), ())
