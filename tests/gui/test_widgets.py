"""Components: what they say, how they answer to keyboard and mouse, what they never do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from steelyard.base.errors import Cancelled, MalformedInput, RefusedByPolicy
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.bars import Legend, ProgressLine, Segment, StackedBar
from steelyard.gui.widgets.buttons import Button
from steelyard.gui.widgets.digest import DigestLabel
from steelyard.gui.widgets.fields import DecimalField, Labelled, NumberField, TextArea, TextField
from steelyard.gui.widgets.focus import FocusRing
from steelyard.gui.widgets.labels import Elided, Label, Paragraph
from steelyard.gui.widgets.segmented import Choice, Segmented
from steelyard.gui.widgets.slider import ContextSlider, tick_values
from steelyard.gui.widgets.tabs import Tabs


def test_labels_never_take_markup(qtbot: QtBot) -> None:
    for made in (Label("<b>x</b>"), Elided("<b>x</b>"), Paragraph("<b>x</b>")):
        qtbot.addWidget(made)
        assert made.textFormat() == Qt.TextFormat.PlainText


def test_an_elided_label_tells_the_whole_text_only_when_it_does_not_fit(qtbot: QtBot) -> None:
    label = Elided("a <i>long</i> name that does not fit")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.toolTip() == "<span>a &lt;i&gt;long&lt;/i&gt; name that does not fit</span>"
    label.resize(600, 20)
    QApplication.processEvents()
    assert label.toolTip() == ""


def test_a_paragraph_is_as_high_as_its_lines_and_can_be_cut(qtbot: QtBot) -> None:
    words = "\n".join(["one line"] * 5)
    whole, cut = Paragraph(words, line_height=22), Paragraph(words, max_lines=2)
    qtbot.addWidget(whole)
    qtbot.addWidget(cut)
    assert whole.heightForWidth(300) == 5 * 22
    assert cut.heightForWidth(300) == 2 * 20
    assert Paragraph("word " * 50).heightForWidth(100) > Paragraph("word " * 50).heightForWidth(300)
    assert Paragraph("").heightForWidth(100) == 20


def test_the_first_sentence_of_a_banner_is_said_first(qtbot: QtBot) -> None:
    banner = Banner("green", "The log is whole.", "1,204 entries.")
    qtbot.addWidget(banner)
    assert banner.accessibleName() == "The log is whole."
    banner.say_error(MalformedInput("The header is cut short.", next_step="Download it again."))
    assert banner.accessibleName() == "The header is cut short."
    assert banner.accessibleDescription() == "Download it again."
    assert banner._mood == "red"
    banner.say_error(RefusedByPolicy("Not allowed."))
    assert banner._mood == "amber"
    banner.say_error(Cancelled("Called off."))
    assert banner._mood == "blue"


def test_a_digest_copies_whole(qtbot: QtBot) -> None:
    digest = "sha256:" + "ab" * 32
    label = DigestLabel(digest)
    qtbot.addWidget(label)
    label._copy.click()
    assert QGuiApplication.clipboard().text() == digest
    assert label.toolTip() == digest


def test_segments_answer_to_click_and_arrows_and_say_nothing_when_chosen_by_program(
    qtbot: QtBot,
) -> None:
    segments = Segmented((Choice("a", "All"), Choice("b", "Some"), Choice("c", "None")), "State")
    qtbot.addWidget(segments)
    segments.show()
    heard: list[str] = []
    segments.chosen_changed.connect(heard.append)
    segments.choose("b")
    assert (segments.chosen, heard) == ("b", [])
    qtbot.mouseClick(segments._segments["a"], Qt.MouseButton.LeftButton)
    assert heard == ["a"]
    segments._segments["a"].setFocus()
    qtbot.keyClick(segments._segments["a"], Qt.Key.Key_Right)
    assert heard == ["a", "b"]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (2048, 131072, (2048, 4096, 8192, 16384, 32768, 65536, 131072)),
        (2048, 40960, (2048, 4096, 8192, 16384, 32768, 40960)),
        (256, 512, (256, 512)),
    ],
)
def test_ticks_are_powers_of_two_and_the_trained_length(
    low: int, high: int, ticks: tuple[int, ...]
) -> None:
    assert tick_values(low, high) == ticks


def test_the_context_slider_moves_in_octaves_and_is_caught_by_ticks(qtbot: QtBot) -> None:
    slider = ContextSlider(131072, 16384)
    qtbot.addWidget(slider)
    slider.resize(520, 36)
    slider.show()
    heard: list[int] = []
    slider.tokens_changed.connect(heard.append)
    slider.set_tokens(8192)
    assert heard == []
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert slider.tokens == 16384
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert 16384 < slider.tokens < 18432
    assert slider.tokens % 256 == 0
    at = round(slider._x(32768)) + 3
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(at, 10))
    assert slider.tokens == 32768
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert slider.tokens == 131072
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert slider.tokens == 2048
    assert heard[-1] == 2048


def test_a_slider_of_a_small_model_has_room_below_its_trained_length(qtbot: QtBot) -> None:
    slider = ContextSlider(512, 512)
    qtbot.addWidget(slider)
    assert (slider.minimum(), slider.maximum(), slider.tokens) == (256, 512, 512)


def test_bars_say_their_parts(qtbot: QtBot) -> None:
    parts = (Segment("weights", "Weights", 3.94, "3.94"), Segment("kv", "KV cache", 9.0, "9.00"))
    bar, legend = StackedBar("GPU 0"), Legend()
    for widget in (bar, legend):
        qtbot.addWidget(widget)
        widget.resize(400, 24)
    bar.set_segments(parts, 8.0)
    legend.set_segments(parts)
    assert bar.accessibleDescription() == "Weights 3.94, KV cache 9.00"
    assert legend.heightForWidth(90) > legend.heightForWidth(400) == 16
    red = bar.grab().toImage().pixelColor(round(8.0 / 12.94 * 400), 12)
    assert red.red() > 1.5 * red.green()


def test_progress_of_unknown_size_claims_no_share(qtbot: QtBot) -> None:
    line = ProgressLine("Progress")
    qtbot.addWidget(line)
    line.set_share(0.594)
    assert line.accessibleDescription() == "59 %"
    line.set_share(None)
    assert line.accessibleDescription() == ""


def test_a_label_is_its_fields_buddy_and_names_it(qtbot: QtBot) -> None:
    for field in (TextField(), NumberField(0, 9, 1), DecimalField(0, 1, 0.5), TextArea()):
        made = Labelled("&Top-p", field)
        qtbot.addWidget(made)
        assert field.accessibleName() == "Top-p"
        assert made.findChild(Label).buddy() is field


def test_numbers_keep_one_decimal_and_separators(qtbot: QtBot) -> None:
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    number = NumberField(0, 200_000, 16384)
    decimal = DecimalField(0, 2, 1.0)
    for field in (number, decimal):
        qtbot.addWidget(field)
    assert number.text() == "16,384"
    assert decimal.text() == "1.0"
    decimal.setValue(0.25)
    assert decimal.text() == "0.25"


def test_the_wheel_changes_no_field(qtbot: QtBot) -> None:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent

    slider = ContextSlider(131072, 16384)
    for field in (NumberField(0, 9, 5), slider):
        qtbot.addWidget(field)
        before = field.value()
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(0, 0),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(field, event)
        assert field.value() == before


def test_return_submits_and_shift_return_breaks_the_line(qtbot: QtBot) -> None:
    area = TextArea("Write", submit_on_return=True)
    qtbot.addWidget(area)
    area.show()
    with qtbot.assertNotEmitted(area.submitted):
        qtbot.keyClick(area, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(area.submitted):
        qtbot.keyClick(area, Qt.Key.Key_Return)
    assert area.toPlainText() == "\n"


def test_a_text_area_grows_with_its_words_up_to_its_most(qtbot: QtBot) -> None:
    area = TextArea("Write", rows=1, most_rows=4)
    qtbot.addWidget(area)
    area.resize(300, 32)
    area.show()
    one = area.height()
    area.setPlainText("\n".join("abc"))
    three = area.height()
    area.setPlainText("\n".join("abcdefghij"))
    assert one < three < area.height()
    four = area.height()
    area.setPlainText("\n".join("abcdefghijklmnop"))
    assert area.height() == four


def test_a_click_leaves_the_keyboard_where_it_is_and_tab_reaches_buttons(qtbot: QtBot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    layout = QVBoxLayout(box)
    field, button = TextField("Name"), Button("Import")
    layout.addWidget(field)
    layout.addWidget(button)
    box.show()
    with qtbot.waitActive(box):
        box.activateWindow()
    field.setFocus()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert box.focusWidget() is field
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert box.focusWidget() is button


def test_the_focus_ring_lies_around_what_has_the_keyboard(
    qtbot: QtBot, dressed: QApplication
) -> None:
    ring = FocusRing(dressed)
    box = QWidget()
    qtbot.addWidget(box)
    layout = QVBoxLayout(box)
    field, button = TextField("Name"), Button("Import")
    layout.addWidget(field)
    layout.addWidget(button)
    box.show()
    with qtbot.waitActive(box):
        box.activateWindow()
    field.setFocus()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    shown = [w for w in box.findChildren(QWidget, "focus-ring") if w.isVisible()]
    assert [w.geometry() for w in shown] == [button.geometry().adjusted(-3, -3, 3, 3)]
    button.hide()  # the keyboard goes to the field, and the ring with it
    shown = [w for w in box.findChildren(QWidget, "focus-ring") if w.isVisible()]
    assert [w.geometry() for w in shown] == [field.geometry().adjusted(-3, -3, 3, 3)]
    dressed.focusChanged.disconnect(ring._moved)
    ring.deleteLater()


def test_tabs_move_with_arrows_and_keep_their_width(qtbot: QtBot) -> None:
    tabs = Tabs(("Overview", "License", "Fit"), "Parts")
    qtbot.addWidget(tabs)
    tabs.resize(400, 36)
    tabs.show()
    before = [tabs.tabRect(n) for n in range(3)]
    tabs.setFocus()
    qtbot.keyClick(tabs, Qt.Key.Key_Right)
    assert tabs.currentIndex() == 1
    assert [tabs.tabRect(n) for n in range(3)] == before
