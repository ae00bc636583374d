"""Walks a window as a screen reader does and says what would not be said."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

_DEEPEST = 60


def unnamed_controls(root: QWidget) -> list[str]:
    """Controls that take the keyboard but have no accessible name: class and object name of each.

    Cells of tables and list items are named by their models and are looked at too.
    """
    top = QAccessible.queryAccessibleInterface(root)
    assert top is not None
    found: list[str] = []
    _walk(top, found, 0)
    return found


def _walk(node: QAccessibleInterface, found: list[str], depth: int) -> None:
    state = node.state()
    invisible = bool(state.invisible)
    if not invisible and bool(state.focusable) and not _name(node) and not _is_cell(node):
        found.append(_describe(node))
    if depth >= _DEEPEST or invisible or _is_table(node):
        return
    for place in range(node.childCount()):
        child = node.child(place)
        if child is not None and child.isValid():
            _walk(child, found, depth + 1)


def _name(node: QAccessibleInterface) -> str:
    return node.text(QAccessible.Text.Name).strip()


def _is_cell(node: QAccessibleInterface) -> bool:
    # An empty cell (a check column) is read with its header and state.
    return node.role() in (QAccessible.Role.Cell, QAccessible.Role.ListItem)


def _is_table(node: QAccessibleInterface) -> bool:
    # A hundred thousand cells are not walked; the table's own name was looked at.
    return (
        node.role() in (QAccessible.Role.Table, QAccessible.Role.Tree) and node.childCount() > 2000
    )


def _describe(node: QAccessibleInterface) -> str:
    widget = node.object()
    if widget is None:
        return f"{node.role()}"
    return f"{type(widget).__name__} {widget.objectName()!r} ({node.role().name})"
