"""Which disks are listed, and which one is the store's."""

from __future__ import annotations

import shutil
from pathlib import Path

from steelyard.machine.disks import _Mount, _mount_of, read_disks


def test_the_stores_disk_is_marked_listed_first_and_measured(tmp_path: Path) -> None:
    disks, problems = read_disks(tmp_path / "not" / "yet" / "there")
    assert [disk.holds_store for disk in disks] == [True] + [False] * (len(disks) - 1)
    assert Path(disks[0].path).stat().st_dev == tmp_path.stat().st_dev
    assert disks[0].total_bytes == shutil.disk_usage(tmp_path).total
    assert 0 <= disks[0].free_bytes <= disks[0].total_bytes
    assert problems == ()


def test_a_disk_is_listed_once(tmp_path: Path) -> None:
    disks, _ = read_disks(tmp_path)
    assert len({disk.path for disk in disks}) == len(disks)


def test_the_deepest_mount_above_a_path_holds_it() -> None:
    mounts = [
        _Mount(Path("/"), "/dev/a", "ext4"),
        _Mount(Path("/data"), "/dev/b", "xfs"),
        _Mount(Path("/data"), "/dev/c", "btrfs"),  # mounted over the one before
        _Mount(Path("/data-old"), "/dev/d", "ext4"),
    ]
    held = _mount_of(Path("/data/store"), mounts)
    assert held is not None
    assert held.device == "/dev/c"
    assert _mount_of(Path("/data-older"), mounts) == mounts[0]
