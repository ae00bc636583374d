"""The Qt binding in use survives what the window asks of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot


class Counter(QObject):
    """Counts what arrives."""

    sent = Signal(bool)
    sized = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.size = 0
        self.sent.connect(self.on_sent)
        self.sized.connect(self.on_sized)

    @Slot(bool)
    def on_sent(self, value: bool) -> None:
        self.count += value

    @Slot(object)
    def on_sized(self, size: int) -> None:
        self.size = size


def test_ten_thousand_emits_do_not_wear_out_true(qapp: object) -> None:
    # PySide6 6.12.0 loses a reference to True with each emit and aborts after some 540 of them.
    counter = Counter()
    for _ in range(10_000):
        counter.sent.emit(True)
    assert counter.count == 10_000


def test_sizes_beyond_31_bits_arrive_whole(qapp: object) -> None:
    counter = Counter()
    counter.sized.emit(5_000_000_000)
    assert counter.size == 5_000_000_000
