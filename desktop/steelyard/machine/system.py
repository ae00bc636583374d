"""The operating system's name for people, its kernel's release, and the Python that runs this program."""

from __future__ import annotations

import platform
import sys

from steelyard.machine.report import OperatingSystem


def read_system() -> OperatingSystem:
    """Such as `Debian GNU/Linux 12 (bookworm)`, `macOS 15.1`, `Windows 11`."""
    return OperatingSystem(_name(), platform.release(), platform.python_version())


def _name() -> str:
    if sys.platform == "darwin":
        name = f"macOS {platform.mac_ver()[0]}"
    elif sys.platform == "win32":
        name = f"Windows {platform.release()}"
    else:
        name = _linux_name()
    return name.strip() or platform.system()


def _linux_name() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""
