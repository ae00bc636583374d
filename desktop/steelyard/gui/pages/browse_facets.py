"""The facets of Browse: what the entries found have in common, with counts; any number of values can be ticked.

Values of one facet widen each other, facets narrow each other. A group shows its most frequent values and, on
request, the rest; what is ticked is always shown, even where nothing is left that has it.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from steelyard.gui import figures, icons, paint
from steelyard.gui.names import plain_tooltip
from steelyard.gui.pages import catalog_words as words
from steelyard.gui.pages.page import scrolling
from steelyard.gui.theme import fonts
from steelyard.gui.widgets.buttons import Link
from steelyard.gui.widgets.choices import CheckBox
from steelyard.gui.widgets.labels import Label
from steelyard.gui.widgets.layouts import column, holder, row
from steelyard.service.requests import Facet

WIDTH, WIDTH_NARROW = 216, 204
FEW = 7
"""Values shown before the rest is asked for."""
MOST = 50
"""Values shown at all: nobody reads thousands of publishers here; the field searches them."""
_FOLDED_AT_FIRST = frozenset({"publisher", "source", "quantization", "task"})
_ORDERS: dict[str, tuple[str, ...]] = {
    "license": ("yes", "conditional", "no", "not-mentioned", "not-known"),
    "fits": ("yes", "tight", "no", words.NOT_KNOWN),
    "size": words.SIZES,
    "local": ("yes", "no"),
}
"""Answers stand in the order of answers, whatever their counts."""

Ticked = Mapping[str, tuple[str, ...]]


class _Heading(QAbstractButton):
    """A facet's name; folds and unfolds its values. Says how many are ticked while folded."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._ticked = 0
        self.setText(title)
        self.setCheckable(True)
        self.setFixedHeight(28)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.toggled.connect(lambda _on: self._describe())
        self._describe()

    def set_ticked(self, ticked: int) -> None:
        self._ticked = ticked
        self._describe()
        self.update()

    def _describe(self) -> None:
        state = self.tr("open") if self.isChecked() else self.tr("closed")
        chosen = self.tr("{0} chosen").format(self._ticked) if self._ticked else ""
        self.setAccessibleDescription(", ".join(part for part in (state, chosen) if part))

    def sizeHint(self) -> QSize:
        return QSize(40 + fonts.width(fonts.font(11, fonts.SEMIBOLD), self.text()), 28)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = paint.painter_for(self)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        strip = paint.Strip(self.rect(), mirrored=mirrored)
        name = "down" if self.isChecked() else "right"
        icons.paint(painter, name, paint.centered(strip.take(12, 6), 12, 12), "text_2")
        face = fonts.font(11, fonts.SEMIBOLD)
        if self._ticked:
            count = figures.count(self._ticked)
            end = strip.take_end(fonts.width(face, count), 6)
            paint.text(painter, end, count, face=face, tone="accent_text")
        paint.text(painter, strip.rest(), self.text(), face=face)
        painter.end()


class FacetGroup(QWidget):
    """One facet.

    Signals:
        changed(): a value was ticked or cleared by the person.
    """

    changed = Signal()

    def __init__(self, facet: str) -> None:
        super().__init__()
        self.facet = facet
        self._boxes: dict[str, CheckBox] = {}
        self._ticked: set[str] = set()
        self._found: tuple[Facet, ...] = ()
        self._all_shown = False
        title = words.facet_title(facet)
        self.heading = _Heading(title)
        self.heading.setChecked(facet not in _FOLDED_AT_FIRST)
        self.heading.toggled.connect(self._fold)
        self._values = QVBoxLayout()
        self._values.setSpacing(2)
        self._more = Link(self.tr("More"), size=11)
        self._more.clicked.connect(self._show_all)
        self._inside = holder(
            column(self._values, row(self._more, None, margins=(25, 2, 0, 0)), gap=0)
        )
        self.setAccessibleName(title)
        self.setLayout(column(self.heading, self._inside, gap=2))
        self._fold(self.heading.isChecked())
        self._more.hide()
        self.hide()  # until there is something to count

    @property
    def ticked(self) -> tuple[str, ...]:
        """The values that are ticked."""
        return tuple(sorted(self._ticked))

    def tick(self, values: tuple[str, ...]) -> None:
        """Tick these and no others, without a signal."""
        self._ticked = set(values)
        if self._ticked:
            self.heading.setChecked(True)
        self._fill()

    def show_counts(self, found: tuple[Facet, ...]) -> None:
        """Show the values found and how many entries have each."""
        self._found = found
        self._fill()

    def _shown(self) -> list[Facet]:
        known = {facet.value for facet in self._found}
        gone = [Facet(value, 0) for value in self.ticked if value not in known]
        most = self._found[: MOST if self._all_shown else FEW]
        late = [f for f in self._found[len(most) :] if f.value in self._ticked]
        shown = [*most, *late, *gone]
        order = _ORDERS.get(self.facet, ())
        # Without an order of its own a facet keeps the one it came in: most frequent first.
        return sorted(shown, key=lambda f: order.index(f.value) if f.value in order else len(order))

    def _fill(self) -> None:
        shown = self._shown()
        wanted = [facet.value for facet in shown]
        if wanted != list(self._boxes):
            self._remake(wanted)
        for facet in shown:
            box = self._boxes[facet.value]
            box.set_end(figures.count(facet.count))
            box.setChecked(facet.value in self._ticked)
        hidden = min(len(self._found), MOST) - FEW
        self._more.setVisible(hidden > 0)
        if hidden > 0:
            self._more.setText(
                self.tr("Fewer") if self._all_shown else self.tr("{0} more").format(hidden)
            )
            self._more.setAccessibleDescription(words.facet_title(self.facet))
            self._more.updateGeometry()
        self.heading.set_ticked(len(self._ticked))
        self.setVisible(bool(shown))

    def _remake(self, wanted: list[str]) -> None:
        """Boxes in a new order; those that stay are moved, so that the keyboard keeps its place."""
        for value in [v for v in self._boxes if v not in wanted]:
            box = self._boxes.pop(value)
            self._values.removeWidget(box)
            box.hide()
            box.deleteLater()
        made = {value: self._boxes.get(value) or self._make(value) for value in wanted}
        for place, value in enumerate(wanted):
            self._values.insertWidget(place, made[value])
        self._boxes = made
        before: QWidget = self.heading
        for box in made.values():
            QWidget.setTabOrder(before, box)
            before = box
        QWidget.setTabOrder(before, self._more)

    def _make(self, value: str) -> CheckBox:
        word = words.facet_value(self.facet, value)
        box = CheckBox(word, mark=words.facet_mark(self.facet, value))
        box.setToolTip(plain_tooltip(word))
        box.clicked.connect(lambda on: self._on_click(value, on))
        box.installEventFilter(self)
        return box

    def _on_click(self, value: str, on: bool) -> None:
        (self._ticked.add if on else self._ticked.discard)(value)
        self.heading.set_ticked(len(self._ticked))
        self.changed.emit()

    def _fold(self, on: bool) -> None:
        self._inside.setVisible(on)

    def _show_all(self) -> None:
        self._all_shown = not self._all_shown
        self._fill()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows go from value to value."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            boxes = list(self._boxes.values())
            if step is not None and watched in boxes:
                place = boxes.index(watched) + step
                target = boxes[place] if 0 <= place < len(boxes) else self.heading
                target.setFocus(Qt.FocusReason.TabFocusReason)
                return True
        return super().eventFilter(watched, event)


class FacetPanel(QWidget):
    """All facets, one below the other.

    Signals:
        changed(): what is ticked changed.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.groups = {facet: FacetGroup(facet) for facet in words.FACETS}
        title = Label(QCoreApplication.translate("FacetPanel", "Filters"), weight=fonts.SEMIBOLD)
        self._clear = Link(self.tr("Clear all"), size=11)
        self._clear.clicked.connect(self.clear)
        head = row(title, None, self._clear, margins=(16, 20, 16, 8))
        inner = column(gap=8, margins=(16, 0, 12, 16))
        for group in self.groups.values():
            group.changed.connect(self._on_changed)
            inner.addWidget(group)
        inner.addStretch(1)
        outer = column(head, gap=0)
        outer.addWidget(scrolling(holder(inner), self.tr("Filters")), 1)
        self.setLayout(outer)
        self.setAccessibleName(self.tr("Filters"))
        self._clear.hide()
        self.set_narrow(False)

    @property
    def ticked(self) -> dict[str, tuple[str, ...]]:
        """What is ticked, by facet."""
        return {name: group.ticked for name, group in self.groups.items() if group.ticked}

    def tick(self, ticked: Ticked) -> None:
        """Tick these and nothing else, without a signal."""
        for name, group in self.groups.items():
            group.tick(ticked.get(name, ()))
        self._clear.setVisible(bool(self.ticked))

    def clear(self) -> None:
        """Tick nothing."""
        if self.ticked:
            self.tick({})
            self._on_changed()

    def show_counts(self, facets: Mapping[str, tuple[Facet, ...]]) -> None:
        """Show what the entries found have."""
        for name, group in self.groups.items():
            group.show_counts(facets.get(name, ()))

    def set_narrow(self, narrow: bool) -> None:
        """Take less room in a narrow page."""
        self.setFixedWidth(WIDTH_NARROW if narrow else WIDTH)

    def _on_changed(self) -> None:
        self._clear.setVisible(bool(self.ticked))
        self.changed.emit()
