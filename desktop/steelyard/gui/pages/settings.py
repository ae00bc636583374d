"""Settings: categories at the left, rows at the right; what policy fixed carries a lock and the policy's name.

Rows come from the option list, so that a new option appears here by itself.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from steelyard.base.errors import Json, SteelyardError
from steelyard.gui.names import display_name
from steelyard.gui.pages.page import Page, Shell, page_column, scrolling
from steelyard.gui.pages.settings_keys import KeysPanel
from steelyard.gui.pages.settings_sources import SourcesPanel
from steelyard.gui.pages.settings_words import option_help, option_title, section_title, value_word
from steelyard.gui.theme.tokens import APART
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.cards import Card
from steelyard.gui.widgets.choices import CheckBox, Select
from steelyard.gui.widgets.fields import NumberField, TextField
from steelyard.gui.widgets.labels import Label, Paragraph, small
from steelyard.gui.widgets.layouts import Icon, Note, Rule, clear, column, holder, row
from steelyard.gui.widgets.segmented import Choice, Segmented
from steelyard.policy.options import BY_KEY
from steelyard.service import requests as ask

CONTROL_WIDTH = 300
HIDDEN = frozenset({"window.first-run-done", "sources.list"})
"""Options that are no row: what the first steps remember, and the list that Sources shows."""
SOURCES, TRUST = "Sources", "Trust"
"""Categories with a panel of their own: Sources holds nothing else, Trust has its options below it."""


class SettingsPage(Page):
    """Every option with its control, its help and where its value comes from."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("SettingsPage", "Settings"))
        self._section = ""
        self._wanted = ""
        self._values: dict[str, ask.PolicyValue] = {}
        self._origins: dict[str, Label] = {}
        self._banner = Banner("amber")
        self._banner.hide()
        self._sections = QVBoxLayout()
        self._sections.setSpacing(2)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, Button] = {}
        self._card = Card(self.tr("Settings"))
        self._sources = SourcesPanel(shell)
        self._keys = KeysPanel(shell)
        self._sources.hide()
        self._keys.hide()
        first_steps = Button(self.tr("Show the first steps again"), icon="refresh")
        first_steps.clicked.connect(lambda: self.shell.go("first-run", None))
        left = holder(column(self._sections, 16, row(first_steps, None), None, gap=0))
        left.setFixedWidth(max(224, first_steps.sizeHint().width()))
        self._note = Note(self.tr("Managed values are fixed by whoever administers this machine."))
        content = page_column(self, note=self._note)
        content.setSpacing(APART)
        content.addWidget(self._banner)
        both = row(gap=24)
        both.addWidget(left)
        inside = column(self._keys, self._card, self._sources, None, gap=APART)
        both.addWidget(scrolling(holder(inside), self.tr("Settings")), 1)
        content.addLayout(both, 1)

    def first_focus(self) -> QWidget | None:
        buttons = self._group.buttons()
        return buttons[0] if buttons else None

    def activate(self, argument: object = None) -> None:
        if isinstance(argument, str):
            self._wanted = argument
        super().activate(argument)

    def refresh(self) -> None:
        self.shell.jobs.ask(ask.ShowPolicy(), self._show, self._failed, owner=self)
        self._refresh_panel()

    def _refresh_panel(self) -> None:
        if self._section == SOURCES:
            self._sources.refresh()
        elif self._section == TRUST:
            self._keys.refresh()

    def _show(self, policy: ask.PolicyInForce) -> None:
        before = self._values
        self._sources.set_policy(
            next((_policy_name(v) for v in policy.values if v.key == "sources.list"), "")
        )
        self._values = {value.key: value for value in policy.values if value.key not in HIDDEN}
        if policy.safe_mode:
            self._banner.say(
                "red",
                self.tr("Safe mode: the managed policy cannot be trusted."),
                " ".join(display_name(problem) for problem in policy.problems),
                more=self.tr(
                    "Nothing is fetched, and only admitted models are loaded, until it is put right."
                ),
            )
            self._banner.show()
        sections = list(dict.fromkeys(BY_KEY[key].section for key in self._values))
        sections.insert(1, SOURCES)
        if not self._section:
            for name in sections:
                self._add_section(name)
        wanted = self._wanted if self._wanted in sections else self._section or sections[0]
        self._wanted = ""
        # Where nothing changed the controls stay, and with them the keyboard's place.
        if self._values != before or wanted != self._section:
            self._buttons[wanted].setChecked(True)
            self._show_section(wanted)

    def _add_section(self, name: str) -> None:
        button = Button(section_title(name), kind="flat")
        button.setCheckable(True)
        button.clicked.connect(lambda: self._show_section(name))
        self._group.addButton(button)
        self._buttons[name] = button
        self._sections.addWidget(button)

    def _show_section(self, name: str) -> None:
        self._section = name
        self._card.set_title(section_title(name))
        clear(self._card.body)
        shown = [v for v in self._values.values() if BY_KEY[v.key].section == name]
        self._card.setVisible(bool(shown))
        self._sources.setVisible(name == SOURCES)
        self._keys.setVisible(name == TRUST)
        self._refresh_panel()
        for place, value in enumerate(shown):
            if place:
                self._card.body.addWidget(Rule())
            self._card.body.addWidget(self._row(value))

    def _row(self, value: ask.PolicyValue) -> QWidget:
        title = Label(option_title(value.key), weight=500)
        origin = row(gap=6)
        if value.locked:
            origin.addWidget(Icon("lock", size=14, tone="text_2"))
        self._origins[value.key] = small(self._origin(value), tone="text_3")
        origin.addWidget(self._origins[value.key])
        origin.addStretch(1)
        words = column(title, Paragraph(option_help(value.key), size=11), origin, gap=2)
        control = self._control(value)
        control.setAccessibleName(option_title(value.key))
        control.setAccessibleDescription(option_help(value.key))
        control.setEnabled(not value.locked)
        line = row(gap=24, margins=(16, 12, 16, 12))
        line.addLayout(words, 1)
        line.addWidget(control)
        return holder(line)

    def _origin(self, value: ask.PolicyValue) -> str:
        kind, _, name = value.origin.partition(": ")
        if kind == "managed":
            return (
                self.tr("Fixed by {0}").format(name)
                if value.locked
                else self.tr("Set by {0}").format(name)
            )
        return {
            "default": self.tr("As shipped"),
            "settings": self.tr("Your setting"),
            "environment": self.tr("From the environment: {0}").format(name),
            "flag": self.tr("For this session only"),
            "safe-mode": self.tr("Fixed by safe mode"),
        }.get(kind, kind)

    def _control(self, value: ask.PolicyValue) -> QWidget:
        known = BY_KEY[value.key]
        if value.kind == "switch":
            switch = Segmented(
                (Choice("on", self.tr("On")), Choice("off", self.tr("Off"))),
                option_title(value.key),
                chosen="on" if value.value else "off",
            )
            switch.chosen_changed.connect(lambda key: self._change(value.key, key == "on"))
            return switch
        if value.kind == "choice":
            select = Select(option_title(value.key), width=CONTROL_WIDTH)
            for choice in value.choices:
                select.addItem(value_word(choice), choice)
            select.choose(value.value)
            select.activated.connect(lambda _index: self._change(value.key, str(select.key)))
            return select
        if value.kind == "number":
            low, high = known.bounds
            assert isinstance(value.value, int)
            number = NumberField(low, high, value.value, name=option_title(value.key), width=120)
            number.setKeyboardTracking(False)
            number.valueChanged.connect(lambda chosen: self._change(value.key, chosen))
            return number
        if value.kind == "set":
            return self._set_control(value)
        shown = (
            ", ".join(map(str, value.value)) if isinstance(value.value, list) else str(value.value)
        )
        field = TextField(name=option_title(value.key), width=CONTROL_WIDTH)
        field.setText(shown)
        field.editingFinished.connect(lambda: self._change_text(value, field.text()))
        return field

    def _set_control(self, value: ask.PolicyValue) -> QWidget:
        chosen = value.value if isinstance(value.value, list) else []
        boxes = [CheckBox(value_word(choice)) for choice in value.choices]
        for box, choice in zip(boxes, value.choices, strict=True):
            box.setChecked(choice in chosen)

        def changed() -> None:
            ticked: list[Json] = [
                choice for box, choice in zip(boxes, value.choices, strict=True) if box.isChecked()
            ]
            self._change(value.key, ticked)

        for box in boxes:
            box.clicked.connect(changed)
        control = holder(column(*boxes, gap=4))
        control.setFixedWidth(CONTROL_WIDTH)
        return control

    def _change_text(self, value: ask.PolicyValue, text: str) -> None:
        try:
            parsed = BY_KEY[value.key].parse_text(text)
        except SteelyardError as error:
            self._failed(error)
            return
        if parsed != self._values[value.key].value:
            self._change(value.key, parsed)

    def _change(self, key: str, value: Json) -> None:
        self.shell.jobs.act(
            ask.ChangeSetting(key, value),
            title=option_title(key),
            on_result=self._changed,
            on_error=self._failed,
            owner=self,
            listed=False,
        )

    def _changed(self, value: ask.PolicyValue) -> None:
        self._banner.hide()
        if value.key == "window.theme":
            self.shell.set_theme(str(value.value))
        elif value.key == "window.language":
            self._banner.say(
                "blue", self.tr("The language changes when the window is opened again.")
            )
            self._banner.show()
        self._values[value.key] = value
        if BY_KEY[value.key].section == self._section:
            self._origins[value.key].setText(self._origin(value))

    def _failed(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()
        self._show_section(self._section) if self._section else None


def _policy_name(value: ask.PolicyValue) -> str:
    """Name of the managed policy a value comes from, or empty."""
    kind, _, name = value.origin.partition(": ")
    return name if kind == "managed" else ""
