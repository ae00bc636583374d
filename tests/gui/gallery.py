"""Every component on a few pages, for looking at and for the screenshots. Not shipped.

QT_QPA_PLATFORM=offscreen python tests/gui/gallery.py build/screenshots
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from steelyard.gui.app import make_application
from steelyard.gui.pages.page import Crumb, Page, PageSpec, Shell, page_column, scrolling
from steelyard.gui.tables.cells import (
    CheckCell,
    Group,
    IntervalCell,
    MarkCell,
    MissingCell,
    NumberCell,
    TextCell,
    VerdictCell,
)
from steelyard.gui.tables.model import Column, Row
from steelyard.gui.tables.table import Table
from steelyard.gui.theme import appearance, fonts
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.bars import Legend, ProgressLine, Segment, StackedBar
from steelyard.gui.widgets.buttons import Button, IconButton, Link
from steelyard.gui.widgets.cards import Card, SelectionBar
from steelyard.gui.widgets.chips import Badge, Key, MissingChip, Tag, VerdictChip
from steelyard.gui.widgets.choices import CheckBox, Select
from steelyard.gui.widgets.digest import DigestLabel
from steelyard.gui.widgets.empty import EmptyState, Skeleton
from steelyard.gui.widgets.fields import DecimalField, Labelled, NumberField, TextArea, TextField
from steelyard.gui.widgets.interval import Interval, IntervalPlot
from steelyard.gui.widgets.labels import Label, Paragraph, field_label, small, title
from steelyard.gui.widgets.layouts import Note, Rule, column, holder, row
from steelyard.gui.widgets.marks import StateMark, TrustMark
from steelyard.gui.widgets.segmented import Choice, Segmented
from steelyard.gui.widgets.slider import ContextSlider
from steelyard.gui.widgets.tabs import Tabs, TabStrip

MODELS = (
    ("Qwen3 8B", "Qwen", "Q4_K_M", "yes", "apache-2.0", "Site key 2", "reviewer 1", "PASS", "4.68"),
    ("Qwen3 4B", "Qwen", "Q6_K", "yes", "apache-2.0", "Site key 2", "reviewer 1", "PASS", "3.08"),
    (
        "Mistral Nemo 12B Instruct",
        "mistralai",
        "Q4_K_M",
        "yes",
        "apache-2.0",
        "",
        "reviewer 1",
        "WARN",
        "6.96",
    ),
    ("Gemma 3 4B it", "google", "Q4_0", "conditional", "gemma", "", "reviewer 2", "PASS", "2.94"),
)
WAITING = (
    (
        "Llama 3.1 8B Briefs",
        "harborlight",
        "Q4_K_M",
        "conditional",
        "llama3.1",
        "Site key 2",
        "",
        "FAIL",
        "4.58",
    ),
    ("SmolLM3 3B", "HuggingFaceTB", "Q8_0", "yes", "apache-2.0", "", "", "NOT RUN", "3.05"),
    ("Yi 1.5 9B merged", "unknown", "Q4_K_S", "not-known", "not known", "", "", "NOT RUN", "4.72"),
)


def _model_row(facts: tuple[str, ...]) -> Row:
    name, publisher, quantization, license_state, license_id, key, person, verdict, size = facts
    return Row(
        f"{name} {quantization}",
        (
            CheckCell(),
            TextCell(name, weight=fonts.MEDIUM, after=publisher),
            TextCell(quantization, tone="text_2"),
            MarkCell(license_state, license_id),
            MarkCell("yes", "Matches")
            if license_state != "not-known"
            else MarkCell("no", "Differs"),
            MarkCell("yes", key) if key else MarkCell("not-mentioned", "Unsigned"),
            MarkCell("yes", "Clean"),
            MarkCell("yes", person) if person else MarkCell("pending", "Pending"),
            VerdictCell(verdict, "" if verdict == "NOT RUN" else "11 of 11"),
            TextCell("today", tone="text_2", end=True),
            NumberCell(size),
        ),
    )


def library_table() -> Table:
    """The table of the Library mock."""
    table = Table(
        (
            Column("", 40, name="Selected", padding=(16, 8)),
            Column("Model"),
            Column("Quant.", 68),
            Column("License", 128),
            Column("Publisher hash", 106),
            Column("Signature", 116),
            Column("Scan", 100),
            Column("Approval", 108),
            Column("Gate", 138),
            Column("Last verified", 84, end=True, sort="verified"),
            Column("Size, GiB", 80, end=True, sort="size"),
        ),
        "Models",
        select="checks",
        fit_height=True,
    )
    table.set_rows(
        [
            Row("g1", group=Group("Admitted", "4  ·  may be used under the policy in force")),
            *(_model_row(m) for m in MODELS),
            Row(
                "g2",
                group=Group(
                    "Verified",
                    "3  ·  bytes are right, approval is missing; may be loaded to evaluate",
                ),
            ),
            *(_model_row(m) for m in WAITING),
        ]
    )
    return table


def library_page(shell: Shell) -> Page:
    """As the mock's Library, on example rows."""
    page = Page(shell, "Library")
    note = Note(
        "14 models, 56.9 GiB",
        "3 files shared between models",
        None,
        "Last full verification today 07:02",
        icon=None,
    )
    content = page_column(page, note=note)
    segments = Segmented(
        (
            Choice("all", "All", "14"),
            Choice("admitted", "Admitted", "7"),
            Choice("verified", "Verified", "4"),
            Choice("quarantined", "Quarantined", "2"),
            Choice("retired", "Retired", "1"),
        ),
        "State",
    )
    content.addLayout(
        row(
            TextField("Filter models", icon="filter", width=264),
            segments,
            None,
            Button("Verify all", icon="verify"),
            Button("Import", icon="import", kind="primary"),
            gap=12,
        )
    )
    content.addSpacing(16)
    card = Card()
    table = library_table()
    card.body.addWidget(table)
    content.addWidget(card)
    table._select_row(1, True)
    table._select_row(6, True)
    content.addSpacing(16)
    bar = SelectionBar()
    bar.set_words("2 selected", "Qwen3 8B Q4_K_M and Llama 3.1 8B Briefs Q4_K_M, 9.26 GiB")
    for icon, word in (
        ("verify", "Verify"),
        ("evaluate", "Evaluate"),
        ("export", "Export bundle"),
        ("decide", "Compare the two"),
    ):
        bar.buttons.addWidget(Button(word, icon=icon))
    content.addWidget(bar)
    content.addStretch(1)
    return page


def _segments(scale: float) -> tuple[Segment, ...]:
    parts = (
        ("weights", "Weights", 3.94),
        ("kv", "KV cache", 1.81),
        ("compute", "Compute", 0.26),
        ("other", "Other programs", 0.90),
        ("headroom", "Headroom", 1.09),
    )
    return tuple(Segment(k, w, v * scale, f"{v * scale:.2f}") for k, w, v in parts)  # type: ignore[arg-type]


def fit_page(shell: Shell) -> Page:
    """As the mock's Fit."""
    page = Page(shell, "Llama 3.1 8B Briefs")
    page.set_title("Llama 3.1 8B Briefs", (Crumb("Library", "library"),))
    outer = QVBoxLayout(page)
    outer.setContentsMargins(0, 0, 0, 12)
    outer.setSpacing(0)
    head = column(
        row(
            Label("Llama 3.1 8B Briefs", size=20, weight=fonts.SEMIBOLD),
            Tag("GGUF"),
            Tag("Q4_K_M"),
            Tag("8.03 B parameters"),
            Tag("4.58 GiB"),
            None,
            gap=12,
        ),
        row(
            Label("harborlight", tone="text_2"),
            DigestLabel("sha256:9c41e07b" + "0" * 52 + "52ad"),
            TrustMark("yes", "Publisher hash matches"),
            TrustMark("yes", "Signed, site key 2"),
            TrustMark("yes", "Scan clean"),
            TrustMark("pending", "Approval pending"),
            None,
            gap=16,
        ),
        gap=4,
    )
    buttons = row(
        Button("Verify again", icon="verify"),
        IconButton("dots", "More", kind="outlined", small=False),
        Button("Load", icon="play", kind="primary"),
        gap=16,
    )
    line = row(margins=(24, 16, 24, 12), gap=16)
    line.addLayout(head, 1)
    line.addLayout(buttons)
    outer.addLayout(line)
    tabs = Tabs(
        ("Overview", "Files and variants", "License", "Fit", "Evidence"), "Parts of the model"
    )
    tabs.setCurrentIndex(3)
    outer.addWidget(TabStrip(tabs))
    outer.addWidget(holder(column(_fit_card(), _quant_card(), gap=16, margins=(24, 16, 24, 0))))
    outer.addStretch(1)
    outer.addWidget(
        holder(
            row(
                Note(
                    "Speed is predicted from the bandwidth measured on this machine on 12 Nov 2026.",
                    Link("Measure the missing ones", size=11),
                ),
                margins=(24, 0, 24, 0),
            )
        )
    )
    return page


def _fit_card() -> Card:
    card = Card()
    controls = row(gap=24, margins=(16, 12, 16, 12))
    left = column(
        row(field_label("Context length"), None, small("trained for 131,072 tokens")),
        row(
            ContextSlider(131072, 16384),
            NumberField(2048, 131072, 16384, unit="tokens", width=120, name="Tokens"),
            gap=16,
        ),
        gap=4,
    )
    controls.addLayout(left, 1)
    kv = Segmented((Choice("f16", "f16"), Choice("q8", "q8_0"), Choice("q4", "q4_0")), "KV cache")
    controls.addWidget(holder(column(field_label("KV cache"), kv, None, gap=4)))
    count = Select("Sequences", width=64)
    count.addItem("1", 1)
    controls.addWidget(holder(column(field_label("Sequences", count), count, None, gap=4)))
    plan = Select("Plan for", width=168)
    plan.addItem("This machine", "")
    controls.addWidget(holder(column(field_label("Plan for", plan), plan, None, gap=4)))
    card.body.addLayout(controls)
    for name, device, layers, total in (
        ("GPU 0", "GeForce RTX 4060 Laptop, CUDA", "30 of 33 layers", 8.0),
        ("Memory", "16 GiB, DDR5, 8 cores", "3 of 33 layers, embeddings", 16.0),
    ):
        card.body.addWidget(Rule())
        bar, legend = StackedBar(name), Legend()
        bar.set_segments(_segments(total / 8.0), total)
        legend.set_segments(_segments(total / 8.0))
        texts = holder(
            column(Label(name, weight=fonts.SEMIBOLD), small(device), small(layers), gap=0)
        )
        texts.setFixedWidth(208)
        verdict = holder(
            column(
                row(None, Label("6.01 of 7.10 GiB", weight=fonts.SEMIBOLD)),
                row(None, small("free after unloading Qwen3 8B")),
                row(None, StateMark("yes", "Fits, 1.09 to spare", small=True)),
                gap=0,
            )
        )
        verdict.setFixedWidth(168)
        line = row(gap=24, margins=(16, 12, 16, 12))
        line.addWidget(texts)
        line.addWidget(holder(column(bar, legend, gap=6)), 1)
        line.addWidget(verdict)
        card.body.addLayout(line)
    return card


def _quant_card() -> Card:
    card = Card()
    card.body.addLayout(
        row(
            Tag("Recommended", accent=True),
            Label("Q4_K_M", weight=fonts.SEMIBOLD),
            Label(
                "Least drift among the variants whose whole interval lies above 20 tokens/s.",
                tone="text_2",
            ),
            None,
            small("Memory asked of llama.cpp by a dry load · sizes in GiB"),
            gap=10,
            margins=(16, 9, 16, 8),
        )
    )
    card.body.addWidget(Rule())
    table = Table(
        (
            Column("Quantization", 232),
            Column("Bits/weight", 80, end=True),
            Column("File", 68, end=True),
            Column("Memory at 16k", 96, end=True),
            Column("Fits", 208, padding=(24, 8)),
            Column("Tokens/s, predicted;", 248, accent="wanted 20"),
            Column("KL divergence", 88, end=True),
            Column("Evidence for quality", 0, padding=(16, 8)),
        ),
        "Quantizations",
        fit_height=True,
    )
    rows = []
    for name, bits, size, memory, fits, speed, kl, evidence in (
        ("F16", "16.00", "14.96", "17.23", ("no", "No, short by 2.13"), None, "0", "reference"),
        (
            "Q8_0",
            "8.50",
            "7.95",
            "10.22",
            ("yes", "Split, 17 of 33 on GPU"),
            (9, 11, 13),
            "0.0014",
            "published, Llama 3 8B",
        ),
        (
            "Q5_K_M",
            "5.70",
            "5.33",
            "7.60",
            ("yes", "Split, 26 of 33 on GPU"),
            (16, 19, 23),
            "0.0094",
            "measured here, 12 Nov",
        ),
        (
            "Q4_K_M",
            "4.89",
            "4.58",
            "6.85",
            ("yes", "Split, 30 of 33 on GPU"),
            (24, 28, 33),
            "0.0276",
            "measured here, 12 Nov",
        ),
        ("IQ2_M", "2.93", "2.74", "5.01", ("yes", "All 33 on GPU"), (42, 48, 55), None, None),
    ):
        plot = (
            NumberCell(None)
            if speed is None
            else IntervalCell(
                Interval(0, 60, speed[0], speed[1], speed[2], needed=20), f"{speed[0]}–{speed[2]}"
            )
        )
        rows.append(
            Row(
                name,
                (
                    TextCell(
                        name,
                        bold_if_selected=True,
                        tag="Recommended" if name == "Q4_K_M" else "",
                        after="in store" if name in ("Q4_K_M", "Q5_K_M") else "",
                    ),
                    NumberCell(bits, "text_2"),
                    NumberCell(size),
                    NumberCell(memory),
                    MarkCell(*fits),
                    plot if speed else TextCell("–", tone="text_3"),
                    NumberCell(kl),
                    TextCell(evidence, tone="text_2") if evidence else MissingCell("not measured"),
                ),
            )
        )
    table.set_rows(rows)
    table.choose("Q4_K_M")
    card.body.addWidget(table)
    return card


def parts_page(shell: Shell) -> Page:
    """What the other two do not have."""
    page = Page(shell, "Parts")
    outer = QVBoxLayout(page)
    outer.setContentsMargins(0, 0, 0, 0)
    inside = QWidget()
    content = page_column(inside)
    outer.addWidget(scrolling(inside, "Parts"))
    verify = Button("Verify now", icon="verify", kind="primary")
    content.addWidget(
        Banner(
            "green",
            "The log is whole.",
            "1,204 entries, checked today at 14:02 in 0.3 s.",
            more="Witnessed to #1,180 by records.site, 17 Nov 18:00. The 24 entries after it are local only.",
            actions=(Button("Witness", icon="witness"), Button("Export", icon="export"), verify),
        )
    )
    content.addSpacing(16)
    content.addWidget(
        Banner(
            "amber",
            "The witnesses disagree.",
            "Card: apache-2.0. License file and header: Llama 3.1. The strictest counts.",
            actions=(Link("Differences"),),
        )
    )
    content.addSpacing(16)
    content.addWidget(
        Banner(
            "red",
            "The file does not match the publisher's hash.",
            "It was moved to quarantine; nothing was installed. Download it again, or ask the sender for a new copy.",
        )
    )
    content.addSpacing(16)
    columns = row(gap=16)
    columns.addWidget(_marks_card(), 1)
    columns.addWidget(_controls_card(), 1)
    columns.addWidget(_words_card(), 1)
    content.addLayout(columns)
    content.addSpacing(16)
    skeleton = Card("Loading", note="structure, not a spinner")
    skeleton.body.addWidget(Skeleton(3))
    content.addWidget(skeleton)
    content.addStretch(1)
    return page


def _marks_card() -> Card:
    card = Card("Marks", padded=True)
    for state in ("yes", "conditional", "no", "not-mentioned", "not-known"):
        card.body.addWidget(StateMark(state))
        card.body.addSpacing(6)
    card.body.addWidget(TrustMark("pending", "Approval pending"))
    card.body.addSpacing(6)
    card.body.addWidget(TrustMark("refused", "Refused"))
    card.body.addSpacing(6)
    card.body.addWidget(TrustMark("begun", "Begun"))
    card.body.addSpacing(10)
    card.body.addLayout(row(*(VerdictChip(v) for v in ("PASS", "WARN", "FAIL", "NOT RUN")), None))
    card.body.addSpacing(8)
    card.body.addLayout(
        row(
            MissingChip(),
            Tag("GGUF"),
            Tag("counts", accent=True, low=True),
            Badge("A"),
            Badge("B"),
            Key("Ctrl+K"),
            None,
        )
    )
    card.body.addSpacing(8)
    card.body.addWidget(IntervalPlot(Interval(-25, 25, 2.1, 7.5, 12.9, zero=0), height=32))
    card.body.addWidget(IntervalPlot(Interval(-25, 25, -7, -2, 3, zero=0, hollow=True), height=32))
    card.body.addStretch(1)
    return card


def _controls_card() -> Card:
    card = Card("Controls", note="every one reachable by Tab", padded=True)
    actor = Select("Actor", prefix="Actor", width=148)
    actor.addItem("anyone", "")
    small_buttons = row(
        Button("Record", icon="doc", small=True),
        Button("Run again", icon="refresh", small=True),
        IconButton("copy", "Copy"),
        None,
    )
    card.add_to_header(Button("Whole text", small=True))
    switch = Segmented((Choice("on", "On"), Choice("off", "Off")), "Thinking", small=True)
    progress = ProgressLine("Progress")
    progress.set_share(0.59)
    ticked = CheckBox(
        "Pass on a copy of the agreement", note="reviewer 1, 12 Nov 2026, entry #1,131", end="1.b.i"
    )
    ticked.setChecked(True)
    disabled = Button("Not now", icon="play", kind="primary")
    disabled.setEnabled(False)
    card.body.addLayout(
        column(
            row(Button("Verify", icon="verify"), disabled, Button("Reset", kind="flat"), None),
            small_buttons,
            row(actor, switch, None),
            row(
                NumberField(0, 99999, 1024, name="Longest answer"),
                DecimalField(0, 2, 0.7, name="Temperature"),
                None,
            ),
            Labelled("&Name", TextField("Name in the store"), "Made from the file's when empty"),
            TextArea("Write to the model…", name="Message", rows=2),
            ticked,
            CheckBox("Show “Built with Llama” where users see it", end="1.b.i"),
            progress,
            None,
            gap=10,
        )
    )
    return card


def _words_card() -> Card:
    card = Card("Words", padded=True, border="accent")
    card.body.addLayout(
        column(
            Label("Title 20", size=20, weight=fonts.SEMIBOLD),
            title("Title 16"),
            Label("Body semibold", weight=fonts.SEMIBOLD),
            Label("Body medium", weight=fonts.MEDIUM),
            Label("Body, tabular 1,204 and 1,111"),
            Label("Secondary", tone="text_2"),
            Label("Hint", tone="text_3"),
            small("11 px: reviewer 1, 12 Nov 2026"),
            Paragraph(
                "If someone outside the contract sues you because you used what was delivered, the supplier pays.",
                tone="text",
                line_height=22,
            ),
            DigestLabel("sha256:9c41e07b" + "0" * 52 + "52ad"),
            None,
            gap=6,
        )
    )
    return card


def empty_page(shell: Shell) -> Page:
    """An empty page."""
    page = Page(shell, "Chat")
    content = page_column(page)
    content.addWidget(
        EmptyState(
            "chat",
            "Conversations with models",
            "Load a model from the Library, then ask it something. Nothing leaves this machine.",
            Button("Open the Library", icon="library", kind="primary"),
        )
    )
    return page


FACTORIES: dict[str, Callable[[Shell], Page]] = {
    "library": library_page,
    "chat": empty_page,
    "evaluate": parts_page,
    "audit": fit_page,
}


def gallery_specs() -> tuple[PageSpec, ...]:
    """The frame's real entries, with example pages behind them."""
    from dataclasses import replace

    from steelyard.gui.pages import specs

    return tuple(replace(spec, factory=FACTORIES.get(spec.id, empty_page)) for spec in specs())


class NoService:
    """A service that has nothing to say."""

    def run(self, request: object, *, emit: object = None, cancel: object = None) -> object:
        from steelyard.base.errors import NotFound

        raise NotFound("There is no service behind the gallery.")

    def close(self) -> None:
        return


def screenshots(app: QApplication, folder: Path) -> list[Path]:
    """Photograph everything in both themes."""
    from steelyard.gui.frame.window import Window
    from steelyard.gui.jobs import JobRunner

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    runner = JobRunner(NoService())
    window = Window(runner, gallery_specs())
    window.top.network.show_state(offline=True, by_policy=True, host=None)
    window.top.tasks.show_jobs(2, 0, 0.64)
    window.show()
    window.status.show_engine("llama.cpp · Qwen3 8B · Q4_K_M · 8k", 38.6)
    window.status.show_memory(int(6.1 * 2**30), 16 << 30)
    window.status.show_gpu(int(6.7 * 2**30), 8 << 30)
    window.status.show_log(1204, 1180)
    for theme in ("light", "dark"):
        appearance.apply(app, theme)
        for page in FACTORIES:
            window.go(page)
            app.processEvents()
            target = folder / f"gallery-{page}-{theme}.png"
            window.grab().save(str(target))
            written.append(target)
        window.open_palette()
        app.processEvents()
        target = folder / f"gallery-palette-{theme}.png"
        window.grab().save(str(target))
        written.append(target)
        window.palette_panel.shut()
    window.close()
    runner.close()
    return written


def main() -> int:
    """Write the screenshots into the folder named first."""
    app = make_application()
    from steelyard.gui.widgets.focus import FocusRing

    FocusRing(app)
    for path in screenshots(app, Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")):
        sys.stdout.write(f"{path}\n")
    return 0


def widget(build: Callable[[], QWidget]) -> QWidget:
    """One component alone, for tests."""
    return build()


if __name__ == "__main__":
    raise SystemExit(main())
