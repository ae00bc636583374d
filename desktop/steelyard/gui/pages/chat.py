"""Chat: one model, one conversation, answers as they are written. Nothing of it is stored."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from steelyard.base.errors import Cancelled, SteelyardError
from steelyard.base.progress import Progress
from steelyard.gui import figures
from steelyard.gui.job import Job
from steelyard.gui.names import display_name
from steelyard.gui.pages import thinking, trust
from steelyard.gui.pages.chat_parameters import Parameters
from steelyard.gui.pages.chat_turns import AnswerTurn, Conversation, PersonTurn
from steelyard.gui.pages.page import Page, Shell, scrolling
from steelyard.gui.widgets.banner import Banner
from steelyard.gui.widgets.buttons import Button, IconButton
from steelyard.gui.widgets.cards import Panel
from steelyard.gui.widgets.choices import Select
from steelyard.gui.widgets.empty import EmptyState
from steelyard.gui.widgets.fields import TextArea
from steelyard.gui.widgets.labels import small
from steelyard.gui.widgets.layouts import Icon, Rule, column, holder, row
from steelyard.runtime.records import Message
from steelyard.service import requests as ask
from steelyard.service.operation import TextDelta

NEAR_END_PX = 48
_ENGINES = {"gguf": "llama.cpp", "safetensors": "transformers"}


class ChatPage(Page):
    """Model picker, conversation, composer; parameters in a drawer."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, QCoreApplication.translate("ChatPage", "Chat"))
        self._models: dict[str, ask.ModelRow] = {}
        self._wanted = ""
        self._job: Job | None = None
        self._answer: AnswerTurn | None = None
        self._picker = Select(self.tr("Model"), width=340)
        self._picker.setMinimumWidth(160)
        self._picker.activated.connect(lambda _index: self._picked())
        self._loaded = small("", tone="text_2")
        self._unload = Button(self.tr("Unload"), icon="archive", small=True)
        self._unload.clicked.connect(self._start_unloading)
        new = Button(self.tr("New conversation"), icon="plus")
        new.clicked.connect(self._start_over)
        self._drawer_button = IconButton(
            "drawer", self.tr("Parameters"), kind="outlined", small=False
        )
        self._drawer_button.clicked.connect(self._toggle_drawer)
        self._parameters = Parameters()
        self._parameters.closed.connect(self._toggle_drawer)
        self._banner = Banner("red")
        self._banner.hide()
        self._conversation = Conversation()
        self._scroll = scrolling(
            holder(column(self._conversation, margins=(24, 16, 24, 16))), self.tr("Conversation")
        )
        self._scroll.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._follow)
        self._at_end = True
        self._scroll.verticalScrollBar().valueChanged.connect(self._note_place)
        self._empty = EmptyState(
            "chat",
            self.tr("Ask the model something"),
            self.tr("It runs on this machine, in a process of its own, without a network."),
        )
        head = row(gap=8, margins=(24, 12, 24, 12))
        for widget in (self._picker, self._loaded, self._unload):
            head.addWidget(widget)
        head.setStretchFactor(self._picker, 9)
        head.addStretch(1)
        head.addWidget(new)
        head.addWidget(self._drawer_button)
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addLayout(head)
        middle.addWidget(Rule())
        middle.addWidget(holder(column(self._banner, margins=(24, 12, 24, 0))))
        middle.addWidget(self._empty, 1)
        middle.addWidget(self._scroll, 1)
        middle.addWidget(self._make_composer())
        self._scroll.hide()
        outer = row(gap=0)
        outer.addLayout(middle, 1)
        outer.addWidget(self._parameters)
        self.setLayout(outer)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self._stop)

    def _make_composer(self) -> QWidget:
        self._composer = TextArea(
            self.tr("Write to the model…"),
            name=self.tr("Message"),
            submit_on_return=True,
            framed=False,
        )
        self._composer.submitted.connect(self._send_or_stop)
        self._send = Button(self.tr("Send"), icon="play", kind="primary")
        self._send.clicked.connect(self._send_or_stop)
        frame = Panel(border="field")
        frame.setProperty("ringFrame", True)
        line = row(gap=12, margins=(12, 9, 10, 9))
        line.addWidget(self._composer, 1)
        line.addWidget(self._send, 0, Qt.AlignmentFlag.AlignBottom)
        frame.setLayout(line)
        self._used = small("", tone="text_2")
        kept = row(
            Icon("lock", size=14),
            small(self.tr("Not stored: closing the window ends the conversation."), tone="text_2"),
            None,
            self._used,
        )
        return holder(column(frame, kept, gap=8, margins=(24, 0, 24, 12)))

    def first_focus(self) -> QWidget | None:
        return self._composer

    def activate(self, argument: object = None) -> None:
        if isinstance(argument, str):
            self._wanted = argument
        super().activate(argument)

    # ------------------------------------------------------------------ models

    def refresh(self) -> None:
        self.shell.jobs.ask(
            ask.ListModels(), self._show_models, self._failed, owner=self, replaces="models"
        )

    def _show_models(self, listed: ask.ModelList) -> None:
        self._models = {model.name: model for model in listed.models if trust.usable(model)}
        loaded = next((model.name for model in self._models.values() if model.loaded), "")
        chosen = self._wanted or str(self._picker.key or "") or loaded
        self._wanted = ""
        self._picker.clear()
        for model in self._models.values():
            self._picker.addItem(f"{display_name(model.name)}, {model.quantization}", model.name)
        if chosen in self._models:
            self._picker.choose(chosen)
        self._picked()

    @property
    def _model(self) -> ask.ModelRow | None:
        return self._models.get(str(self._picker.key))

    def _picked(self) -> None:
        model = self._model
        loaded = model is not None and model.loaded
        self._loaded.setText(self.tr("loaded") if loaded else self.tr("not loaded"))
        self._loaded.set_tone("green" if loaded else "text_2")
        self._unload.setVisible(loaded)
        self._unload.setEnabled(self._job is None)
        self._send.setEnabled(model is not None)

    def _start_unloading(self) -> None:
        model = self._model
        if model is not None:
            self.shell.jobs.act(
                ask.UnloadModel(model.name),
                title=self.tr("Unload {0}").format(model.name),
                on_result=lambda _result: self.shell.show_engine("", None),
                on_error=self._failed,
                owner=self,
            )

    def _failed(self, error: SteelyardError) -> None:
        self._banner.say_error(error)
        self._banner.show()

    # ------------------------------------------------------------------ conversation

    def _send_or_stop(self) -> None:
        if self._job is not None:
            self._stop()
            return
        text = self._composer.toPlainText().strip()
        if text and self._model is not None:
            self._composer.clear()
            self._say(text)

    def _say(self, text: str) -> None:
        said = PersonTurn(text)
        said.edit_asked.connect(lambda: self._edit(said))
        self._conversation.add(said)
        self._ask_model()

    def _ask_model(self) -> None:
        model = self._model
        if model is None:
            return
        self._banner.hide()
        self._empty.hide()
        self._scroll.show()
        self._at_end = True
        messages = self._messages()
        answer = AnswerTurn(f"{display_name(model.name)}, {model.quantization}")
        answer.again_asked.connect(lambda: self._again(answer))
        answer.branch_asked.connect(lambda: self._cut_after(answer))
        self._conversation.add(answer)
        self._answer = answer
        request = ask.Complete(
            model=model.name,
            messages=messages,
            sampling=self._parameters.sampling(),
            context_tokens=self._parameters.context.value(),
            thinking=self._parameters.thinking.chosen == "on",
            keep_loaded=True,
        )
        self._job = self.shell.jobs.act(
            request,
            title=self.tr("Answer of {0}").format(model.name),
            on_event=self._arriving,
            on_result=self._answered,
            on_error=self._not_answered,
            owner=self,
            listed=False,
        )
        self._show_running(running=True)

    def _messages(self) -> tuple[Message, ...]:
        system = self._parameters.system.toPlainText().strip()
        messages = [Message("system", system)] if system else []
        for turn in self._conversation.turns:
            if isinstance(turn, PersonTurn):
                said = turn.text
                if messages and messages[-1].role == "user":
                    # The last question got no answer; many templates refuse two messages of one side in a row.
                    said = f"{messages.pop().content}\n\n{said}"
                messages.append(Message("user", said))
            elif turn.text:
                messages.append(Message("assistant", thinking.split(turn.text).answer))
        return tuple(messages)

    def _arriving(self, event: object) -> None:
        if self._answer is None:
            return
        if isinstance(event, TextDelta):
            self._answer.add_text(event.text)
        elif isinstance(event, Progress) and not self._answer.text:
            words = {
                "loading": self.tr("loading the model"),
                "waiting": self.tr("waiting for the model"),
                "hashing": self.tr("verifying the model"),
            }
            self._answer.say_state(words.get(event.stage, self.tr("reading the prompt")))

    def _answered(self, answer: ask.Completion) -> None:
        model = self._model
        if self._answer is not None:
            self._answer.finish(answer)
        used = figures.count(answer.prompt_tokens + answer.completion_tokens)
        self._used.setText(
            self.tr("{0} of {1} tokens").format(used, figures.count(answer.context_tokens))
        )
        if model is not None:
            context = figures.tokens_short(answer.context_tokens)
            words = (_ENGINES.get(model.format, ""), model.name, model.quantization, context)
            self.shell.show_engine(" · ".join(filter(None, words)), answer.tokens_per_s)
        self._ended()

    def _not_answered(self, error: SteelyardError) -> None:
        if self._answer is not None:
            if isinstance(error, Cancelled):
                self._answer.stop()
            else:
                self._answer.fail(error)
        self._ended(failed=True)

    def _ended(self, *, failed: bool = False) -> None:
        self._job = None
        self._answer = None
        self._show_running(running=False)
        # The first answer loaded the model; a failed one may have ended its worker.
        if self._model is not None and (failed or not self._model.loaded):
            self.refresh()

    def _show_running(self, *, running: bool) -> None:
        self._send.setText(self.tr("Stop") if running else self.tr("Send"))
        self._send.set_icon("stop" if running else "play")
        self._picker.setEnabled(not running)
        self._picked()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _again(self, answer: AnswerTurn) -> None:
        if self._job is None:
            self._conversation.cut(answer)
            self._ask_model()

    def _cut_after(self, answer: AnswerTurn) -> None:
        place = self._conversation.turns.index(answer) + 1
        if self._job is None and place < len(self._conversation.turns):
            self._conversation.cut(self._conversation.turns[place])
        self._composer.setFocus()

    def _edit(self, said: PersonTurn) -> None:
        if self._job is None:
            self._composer.setPlainText(said.text)
            self._conversation.cut(said)
            self._composer.setFocus()

    def _start_over(self) -> None:
        if self._job is None:
            self._conversation.empty()
            self._used.setText("")
            self._scroll.hide()
            self._empty.show()
            self._composer.setFocus()

    # ------------------------------------------------------------------ view

    def _toggle_drawer(self) -> None:
        self._parameters.setVisible(self._parameters.isHidden())

    def _note_place(self, value: int) -> None:
        self._at_end = value >= self._scroll.verticalScrollBar().maximum() - NEAR_END_PX

    def _follow(self, _low: int, high: int) -> None:
        """Keep the end in view while an answer grows, unless the person scrolled up to read."""
        if self._at_end:
            self._scroll.verticalScrollBar().setValue(high)
