"""Every other value of every byte of an entry is found, and its entry named. The short form is in `tests/audit`."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.logs import edits_of_entry, fill
from steelyard.audit.log import AuditLog


@pytest.mark.torture
@pytest.mark.parametrize("seq", [1, 6, 12])
def test_every_value_of_every_byte_of_an_entry_counts(tmp_path: Path, seq: int) -> None:
    log = AuditLog(tmp_path)
    fill(log, 12)
    edits_of_entry(log, seq, range(1, 256))
