"""The one stylesheet, made from tokens: what Fusion draws itself (fields, menus, scroll bars, text areas, tooltips).

Widgets that paint themselves need no rule here; rules name no fonts, since a rule with a font would drop the
tabular figures set on the widget.
"""

from __future__ import annotations

from string import Template

from steelyard.gui.theme.tokens import Tokens

_RULES = Template("""
QToolTip {
  background: $surface; color: $text; border: 1px solid $field; border-radius: 4px; padding: 4px 6px;
}
QLabel { background: transparent; }
QLabel[tone="text"] { color: $text; }
QLabel[tone="text_2"] { color: $text_2; }
QLabel[tone="text_3"] { color: $text_3; }
QLabel[tone="accent_text"] { color: $accent_text; }
QLabel[tone="on_accent"] { color: $on_accent; }
QLabel[tone="green"] { color: $green; }
QLabel[tone="amber"] { color: $amber; }
QLabel[tone="red"] { color: $red; }
QLabel[tone="blue"] { color: $blue; }

QLineEdit, QPlainTextEdit[framed="true"], QTextEdit[framed="true"] {
  background: $surface; color: $text; border: 1px solid $field; border-radius: 6px;
  selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit { padding: 0 9px; min-height: 30px; max-height: 30px; }
QLineEdit[wrong="true"] { border-color: $red; }
QLineEdit:read-only { background: $sunken; color: $text_2; }
QLineEdit:disabled { background: $sunken; color: $text_3; border-color: $line; }
QPlainTextEdit, QTextEdit, QTextBrowser {
  background: $surface; color: $text; border: 0;
  selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit[framed="true"] { padding: 5px 6px; }
QPlainTextEdit[bare="true"], QTextBrowser[bare="true"] { background: transparent; }

QComboBox { background: $surface; color: $text; border: 1px solid $field; border-radius: 6px; }
QComboBox QAbstractItemView {
  background: $surface; color: $text; border: 1px solid $field; padding: 4px; outline: 0;
  selection-background-color: $accent_tint; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 8px; border-radius: 4px; }

QMenu { background: $surface; color: $text; border: 1px solid $field; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 10px; border-radius: 4px; }
QMenu::item:selected { background: $accent_tint; color: $text; }
QMenu::item:disabled { color: $text_3; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::icon { padding-left: 8px; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: 4px; }
QScrollBar::handle:vertical { min-height: 32px; margin: 2px; }
QScrollBar::handle:horizontal { min-width: 32px; margin: 2px; }
QScrollBar::handle:hover { background: $field; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QScrollArea { background: transparent; border: 0; }
QScrollArea > QWidget > QWidget[page="true"] { background: transparent; }
QAbstractItemView { background: $surface; border: 0; outline: 0; }
QTableView { gridline-color: transparent; }
QTableCornerButton::section { background: $sunken; border: 0; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QDialog { background: $bg; }
QMessageBox { background: $bg; }
""")


def stylesheet(tokens: Tokens) -> str:
    """The stylesheet of one theme."""
    colours = {name: getattr(tokens, name) for name in tokens.__dataclass_fields__}
    # Scroll bars are quiet: half of the field's border over whatever lies below.
    red, green, blue = (int(tokens.field[i : i + 2], 16) for i in (1, 3, 5))
    return _RULES.substitute(colours, scroll=f"rgba({red}, {green}, {blue}, 0.55)")
