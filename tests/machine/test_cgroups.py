"""Container limits, read from cgroup trees of both versions."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from machine.kernel_tree import CGROUP2_MOUNT, cgroup2, write_tree
from steelyard.machine.cgroups import memory_limit, processor_limit
from steelyard.machine.memory import read_memory

MIB = 2**20

V1 = {
    "proc/self/cgroup": "9:name=systemd:/\n4:memory:/jobs/a\n2:cpu,cpuacct:/jobs/a\n0::/\n",
    "proc/self/mountinfo": (
        "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"
    ),
    "sys/fs/cgroup/unified/cgroup.procs": "1\n",
}


def test_no_limit_where_the_group_says_max(tmp_path: Path) -> None:
    write_tree(tmp_path, cgroup2("/a", {"/a": {"memory.max": "max\n", "cpu.max": "max 100000\n"}}))
    assert memory_limit(tmp_path) is None
    assert processor_limit(tmp_path) is None


def test_page_cache_that_can_be_given_up_counts_as_available(tmp_path: Path) -> None:
    files = {
        "memory.max": f"{512 * MIB}\n",
        "memory.current": f"{300 * MIB}\n",
        "memory.stat": f"anon {100 * MIB}\ninactive_file {180 * MIB}\nactive_file 5\n",
    }
    write_tree(tmp_path, cgroup2("/user.slice/app", {"/user.slice/app": files}))
    limit = memory_limit(tmp_path)
    assert limit is not None
    assert (limit.limit_bytes, limit.available_bytes) == (512 * MIB, (512 - 300 + 180) * MIB)
    assert limit.origin == "cgroup v2, /user.slice/app"


def test_a_limit_on_a_group_further_out_counts_too(tmp_path: Path) -> None:
    limits = {
        "/pod/app": {"memory.max": f"{900 * MIB}\n", "memory.current": f"{10 * MIB}\n"},
        "/pod": {"memory.max": f"{400 * MIB}\n", "memory.current": f"{350 * MIB}\n"},
    }
    write_tree(tmp_path, cgroup2("/pod/app", limits))
    limit = memory_limit(tmp_path)
    assert limit is not None
    assert (limit.limit_bytes, limit.available_bytes) == (400 * MIB, 50 * MIB)
    assert limit.origin == "cgroup v2, /pod"


def test_inside_a_container_the_mount_itself_is_the_group(tmp_path: Path) -> None:
    # Docker without its own namespace: the path names the host's group, the mount shows only it.
    write_tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/docker/1f2e\n",
            "proc/self/mountinfo": CGROUP2_MOUNT.replace(" / /sys", " /docker/1f2e /sys"),
            "sys/fs/cgroup/memory.max": f"{256 * MIB}\n",
            "sys/fs/cgroup/memory.current": "0\n",
        },
    )
    limit = memory_limit(tmp_path)
    assert limit is not None
    assert (limit.limit_bytes, limit.origin) == (256 * MIB, "cgroup v2, /docker/1f2e")


def test_version_1_limits_are_found_beside_an_empty_version_2_tree(tmp_path: Path) -> None:
    group = "sys/fs/cgroup/memory/jobs/a/"
    write_tree(
        tmp_path,
        V1
        | {
            group + "memory.limit_in_bytes": f"{64 * MIB}\n",
            group + "memory.usage_in_bytes": f"{40 * MIB}\n",
            group + "memory.stat": f"cache 7\ntotal_inactive_file {8 * MIB}\n",
            "sys/fs/cgroup/cpu,cpuacct/jobs/a/cpu.cfs_quota_us": "150000\n",
            "sys/fs/cgroup/cpu,cpuacct/jobs/a/cpu.cfs_period_us": "100000\n",
        },
    )
    limit = memory_limit(tmp_path)
    assert limit is not None
    assert (limit.limit_bytes, limit.available_bytes) == (64 * MIB, 32 * MIB)
    assert limit.origin == "cgroup v1, /jobs/a"
    assert processor_limit(tmp_path) == 2


def test_version_1_without_a_limit_has_none(tmp_path: Path) -> None:
    group = "sys/fs/cgroup/memory/jobs/a/"
    write_tree(
        tmp_path,
        V1
        | {
            group + "memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/cpu,cpuacct/jobs/a/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/jobs/a/cpu.cfs_period_us": "100000\n",
        },
    )
    assert memory_limit(tmp_path) is None
    assert processor_limit(tmp_path) is None


def test_a_path_that_climbs_out_of_the_tree_is_not_followed(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        cgroup2("/../../outside", {"/": {"memory.max": "1000\n"}})
        | {"outside/memory.max": "5\n", "sys/outside/memory.max": "5\n"},
    )
    limit = memory_limit(tmp_path)
    assert limit is not None
    assert limit.limit_bytes == 1000


def test_used_beyond_the_limit_leaves_nothing_rather_than_less(tmp_path: Path) -> None:
    write_tree(tmp_path, cgroup2("/", {"/": {"memory.max": "1000\n", "memory.current": "5000\n"}}))
    limit = memory_limit(tmp_path)
    assert limit is not None
    assert limit.available_bytes == 0


def test_memory_is_cut_down_to_the_limit_and_says_by_what(tmp_path: Path) -> None:
    files = {"memory.max": f"{64 * MIB}\n", "memory.current": "0\n", "memory.swap.max": "0\n"}
    memory = read_memory(write_tree(tmp_path, cgroup2("/box", {"/box": files})))
    assert memory.total_bytes == 64 * MIB
    assert memory.available_bytes == 64 * MIB
    assert (memory.swap_total_bytes, memory.swap_free_bytes) == (0, 0)
    assert memory.limited_by == "cgroup v2, /box"


def test_a_limit_above_the_machine_is_no_limit(tmp_path: Path) -> None:
    files = {"memory.max": str(psutil.virtual_memory().total * 2), "memory.current": "0"}
    memory = read_memory(write_tree(tmp_path, cgroup2("/box", {"/box": files})))
    assert memory.total_bytes == psutil.virtual_memory().total
    assert memory.limited_by is None


def test_where_there_are_no_control_groups_there_are_no_limits(tmp_path: Path) -> None:
    assert memory_limit(tmp_path) is None
    assert processor_limit(tmp_path) is None


@pytest.mark.parametrize(
    ("quota", "processors"), [("50000 100000", 1), ("250000 100000", 3), ("100000 0", None)]
)
def test_a_time_quota_becomes_whole_processors(
    tmp_path: Path, quota: str, processors: int | None
) -> None:
    write_tree(tmp_path, cgroup2("/a", {"/a": {"cpu.max": quota}}))
    assert processor_limit(tmp_path) == processors


_text = st.text(alphabet="0123456789:/.- \nmax,cpugroupory²", max_size=60)


@given(cgroup=_text, mounts=_text, limit=_text, quota=_text)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nonsense_never_raises(
    tmp_path: Path, cgroup: str, mounts: str, limit: str, quota: str
) -> None:
    write_tree(
        tmp_path,
        {
            "proc/self/cgroup": f"0::/a\n{cgroup}",
            "proc/self/mountinfo": CGROUP2_MOUNT + mounts,
            "sys/fs/cgroup/a/memory.max": limit,
            "sys/fs/cgroup/a/memory.stat": mounts,
            "sys/fs/cgroup/a/cpu.max": quota,
        },
    )
    found = memory_limit(tmp_path)
    assert found is None or 0 <= found.available_bytes <= found.limit_bytes
    processors = processor_limit(tmp_path)
    assert processors is None or processors >= 0
