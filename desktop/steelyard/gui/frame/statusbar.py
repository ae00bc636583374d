"""The status bar: what runs and how fast, memory, and the head of the log. Quiet; nothing is only said here."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from steelyard.gui import paint
from steelyard.gui.figures import count, decimal, speed, time_left
from steelyard.gui.theme import appearance
from steelyard.gui.theme.tokens import STATUS_BAR
from steelyard.gui.widgets.bars import Gauge
from steelyard.gui.widgets.labels import Elided, small
from steelyard.gui.widgets.layouts import Icon


class _Part(QWidget):
    """A piece of the bar with a hairline after it."""

    def __init__(self, *widgets: QWidget, rule: bool = True) -> None:
        super().__init__()
        self._rule = rule
        self._box = layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 13, 0)
        layout.setSpacing(8)
        for widget in widgets:
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setFixedHeight(STATUS_BAR - 2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return self._box.sizeHint()

    def paintEvent(self, _: QPaintEvent) -> None:
        if not self._rule:
            return
        painter = paint.painter_for(self)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = 0 if mirrored else self.width() - 1
        paint.rule(painter, x, 5, x, 18)
        painter.end()


class _Memory(_Part):
    def __init__(self, label: str, name: str) -> None:
        self._label = small(label)
        self._gauge = Gauge(name)
        self._figure = small()
        super().__init__(self._label, self._gauge, self._figure)

    def show_bytes(self, used_bytes: int, total_bytes: int) -> None:
        used, total = gib_1(used_bytes), gib_1(total_bytes)
        words = self.tr("{0} of {1} GiB").format(used, total)
        if words != self._figure.text():
            self._figure.setText(words)
            self._gauge.set_share(used_bytes / total_bytes if total_bytes else 0.0, words)


def gib_1(size_bytes: int) -> str:
    """GiB with one decimal, without `.0`."""
    text = decimal(size_bytes / (1 << 30), 1)
    return text[:-2] if text.endswith((".0", ",0")) else text


class StatusBar(QWidget):
    """28 px over the whole width."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(STATUS_BAR)
        self.setAccessibleName(self.tr("Status"))
        self._engine = Elided(size=11, tone="text_2")
        self._speed = small()
        self._log = small()
        self._engine_part = _Part(self._engine)
        self._speed_part = _Part(self._speed)
        self._ram = _Memory(self.tr("RAM"), self.tr("Memory in use"))
        self._vram = _Memory(self.tr("VRAM"), self.tr("GPU memory in use"))
        self._transfers = Elided(size=11, tone="text_2")
        self._transfers_part = _Part(Icon("transfers", size=12), self._transfers)
        self._log_part = _Part(Icon("audit", size=12), self._log, rule=False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 2, 5, 0)
        layout.setSpacing(0)
        for part in (
            self._engine_part,
            self._speed_part,
            self._transfers_part,
            self._ram,
            self._vram,
        ):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addWidget(self._log_part)
        self.show_engine("", None)
        self._ram.hide()
        self._vram.hide()
        self._log_part.hide()
        self._transfers_part.hide()

    def show_engine(self, words: str, tokens_per_s: float | None) -> None:
        """What is loaded ("llama.cpp · Qwen3 8B · Q4_K_M · 8k"), and how fast it wrote last; empty: nothing is."""
        self._engine.setText(words or self.tr("No model loaded"))
        self._speed_part.setVisible(tokens_per_s is not None)
        if tokens_per_s is not None:
            self._speed.setText(self.tr("{0} tokens/s").format(decimal(tokens_per_s, 1)))

    def show_transfers(self, running: int, per_s: float | None, left_s: float | None) -> None:
        """How many run, how fast they are together in bytes per second, how long the last one takes; 0 hides it."""
        self._transfers_part.setVisible(running > 0)
        if not running:
            return
        many = self.tr("{0} transfers").format(count(running))
        parts = [self.tr("1 transfer") if running == 1 else many]
        if per_s is not None:
            parts.append(speed(per_s))
        if left_s is not None:
            parts.append(time_left(left_s))
        self._transfers.setText(" · ".join(parts))

    def show_memory(self, used_bytes: int, total_bytes: int) -> None:
        """Main memory."""
        self._ram.show_bytes(used_bytes, total_bytes)
        self._ram.show()

    def show_gpu(self, used_bytes: int, total_bytes: int) -> None:
        """Memory of the first GPU; total 0 hides it."""
        self._vram.setVisible(total_bytes > 0)
        if total_bytes:
            self._vram.show_bytes(used_bytes, total_bytes)

    def show_log(self, entries: int, witnessed_to: int | None) -> None:
        """The head of the audit log, and how far somebody outside has seen it."""
        head = self.tr("Log #{0}").format(count(entries))
        if witnessed_to is None:
            words = self.tr("{0} · not witnessed").format(head)
        else:
            words = self.tr("{0} · witnessed to #{1}").format(head, count(witnessed_to))
        self._log.setText(words)
        self._log_part.show()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        painter.fillRect(self.rect(), appearance.color("rail"))
        paint.rule(painter, 0, 0, self.width(), 0)
        painter.end()
