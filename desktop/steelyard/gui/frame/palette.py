"""The command palette (Ctrl+K): pages, models and actions by name; a reference to pull; a path to import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from steelyard.gui import icons, paint
from steelyard.gui.frame.reference import Pasted, classify
from steelyard.gui.theme import fonts
from steelyard.gui.theme.tokens import RADIUS_SMALL
from steelyard.gui.widgets.fields import TextField
from steelyard.gui.widgets.labels import Paragraph
from steelyard.gui.widgets.layouts import Rule, column, holder
from steelyard.gui.widgets.popover import Popover

_ROW = 32
_MOST = 50
_SHOWN = 10

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Command:
    """Something the palette can do.

    Attributes:
        title: what is searched and shown; may be from outside.
        note: 11 px after it (publisher, key).
        kind: 11 px at the end ("Page", "Model", "Action").
        icon: its name.
        run: does it.
    """

    title: str
    note: str
    kind: str
    icon: str
    run: Callable[[], None]


Source = Callable[[], Sequence[Command]]
"""Gives commands that are at hand now; asked each time the palette opens."""


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.commands: tuple[Command, ...] = ()

    def show(self, commands: Sequence[Command]) -> None:
        self.beginResetModel()
        self.commands = tuple(commands)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.commands)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        command = self.commands[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{command.title}, {command.kind}"
        return command if role == Qt.ItemDataRole.UserRole else None


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state = option.state
        command: Command = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = self.parent()
        mirrored = (
            isinstance(view, QWidget) and view.layoutDirection() == Qt.LayoutDirection.RightToLeft
        )
        if isinstance(view, QWidget):
            painter.setLayoutDirection(view.layoutDirection())
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen:
            paint.box(painter, rect, fill="accent_tint", radius=RADIUS_SMALL)
        strip = paint.Strip(rect.adjusted(10, 0, -10, 0), mirrored=mirrored)
        icons.paint(painter, command.icon, paint.centered(strip.take(16, 10), 16, 16), "text_2")
        end = strip.take_end(fonts.width(fonts.font(11), command.kind), 12)
        paint.text(painter, end, command.kind, face=fonts.font(11), tone="text_3")
        face = fonts.font(13, fonts.MEDIUM if chosen else fonts.REGULAR)
        room = min(fonts.width(face, command.title) + 1, strip.left_px)
        paint.text(painter, strip.take(room, 8), command.title, face=face)
        paint.text(painter, strip.rest(), command.note, face=fonts.font(11), tone="text_3")
        painter.restore()


class CommandPalette(Popover):
    """Opens over the search field.

    Args:
        window: the window.
        sources: where commands come from.
        pasted: called with what was pasted when the person chooses to pull or import it.
    """

    def __init__(
        self, window: QWidget, sources: Sequence[Source], pasted: Callable[[Pasted], None]
    ) -> None:
        super().__init__(window, "", 560)
        self.setAccessibleName(self.tr("Search and commands"))
        self.panel.setAccessibleName(self.tr("Search and commands"))
        self._sources = tuple(sources)
        self._pasted = pasted
        self._commands: tuple[Command, ...] = ()
        self.field = TextField(
            self.tr("Search or paste a reference…"),
            name=self.tr("A page, a model, an action, owner/name, an address or a file path"),
            icon="search",
        )
        self.field.setProperty("ringNone", True)
        self.field.textChanged.connect(self._filter)
        self.field.returnPressed.connect(self._run_current)
        self.field.installEventFilter(self)
        self._model = _Model(self)
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Results"))
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.clicked.connect(lambda _: self._run_current())
        self._nothing = Paragraph(
            self.tr(
                "Nothing is called that. Paste owner/name, an address or a file path to take in a model."
            )
        )
        self._nothing_box = holder(column(self._nothing, margins=(12, 8, 12, 8)))
        self.body.addWidget(holder(column(self.field, margins=(7, 7, 7, 7))))
        self.body.addWidget(Rule())
        self.body.addLayout(column(self.list, self._nothing_box, margins=(4, 4, 4, 4)))

    def open(self, anchor: QWidget) -> None:
        """Open over the search field and take the keyboard."""
        self._commands = tuple(command for source in self._sources for command in source())
        self.field.clear()
        self._filter("")
        self.open_below(anchor, over=True)
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                self._move(step)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.shut()
                return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        self._model.show((*self._from_text(text), *_best(self._commands, text))[:_MOST])
        found = self._model.rowCount()
        self.list.setVisible(found > 0)
        self._nothing_box.setVisible(found == 0)
        if found:
            self.list.setFixedHeight(_ROW * min(found, _SHOWN))
            self.list.setCurrentIndex(self._model.index(0, 0))
        self.place()

    def _from_text(self, text: str) -> list[Command]:
        pasted = classify(text)
        if pasted.kind == "path":
            title, icon = self.tr("Import {0}").format(pasted.text), "import"
        elif pasted.kind == "reference":
            title, icon = self.tr("Pull {0}").format(pasted.text), "download"
        else:
            return []
        return [Command(title, "", self.tr("Action"), icon, lambda: self._pasted(pasted))]

    def _move(self, step: int) -> None:
        count = self._model.rowCount()
        if count:
            row = (self.list.currentIndex().row() + step) % count
            self.list.setCurrentIndex(self._model.index(row, 0))

    def _run_current(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            command: Command = index.data(Qt.ItemDataRole.UserRole)
            self.shut()
            command.run()


def _best(commands: Sequence[Command], text: str) -> list[Command]:
    """Those that have every word, the ones that begin with the text first."""
    words = text.casefold().split()
    if not words:
        return list(commands)
    found: list[tuple[int, int, Command]] = []
    for place, command in enumerate(commands):
        title, all_text = command.title.casefold(), f"{command.title} {command.note}".casefold()
        if all(word in all_text for word in words):
            rank = 0 if title.startswith(words[0]) else 1 if words[0] in title else 2
            found.append((rank, place, command))
    return [command for _, _, command in sorted(found, key=lambda item: item[:2])]
