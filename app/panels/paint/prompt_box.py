"""The prompt field with the prompt history: Up and Down, or a list."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from app.session.painter import Painter
from app.settings.paint_choices import MAX_PROMPT
from app.settings.prompt_history import PromptHistory
from widgets.fields.prompt_field import PromptField
from widgets.plain_text import unmnemonic
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

LISTED = 15
LETTERS = 60


class PromptBox(QWidget):
    """The text that is being written counts as the newest prompt: Down comes back to it."""

    def __init__(
        self, painter: Painter, history: PromptHistory, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._painter, self._history = painter, history
        self._place = -1  # in the list of old prompts; -1: what is being written
        self._draft = ""
        self.field = PromptField(self.tr("Prompt"), limit=MAX_PROMPT, parent=self)
        self.field.setPlaceholderText(self.tr("What shall be there?"))
        set_tip(self.field, self.tr("Up and Down bring older prompts back."))
        self.list_button = QToolButton(self)
        self.menu = QMenu(self.list_button)
        self._set_up_list()
        self._lay_out()
        self.setFocusProxy(self.field)
        self.field.edited.connect(self._on_edited)
        self.field.older.connect(lambda: self._walk(1))
        self.field.newer.connect(lambda: self._walk(-1))
        painter.choices_changed.connect(self._on_choices_changed)
        painter.asked.connect(self._on_asked)
        self._on_choices_changed()

    def _set_up_list(self) -> None:
        button = self.list_button
        button.setIcon(theme.icon("history"))
        button.setIconSize(theme.icon_size(self))
        set_tip(button, self.tr("Older prompts"))
        button.setAccessibleName(self.tr("Older prompts"))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self.menu)
        self.menu.aboutToShow.connect(self._list)

    def _lay_out(self) -> None:
        name = PlainLabel(self.tr("&Prompt"), self)
        name.setBuddy(self.field)
        top = QHBoxLayout()
        top.addWidget(name, 1)
        top.addWidget(self.list_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.spacing(self, 0.5))
        column.addLayout(top)
        column.addWidget(self.field)

    @property
    def text(self) -> str:
        return self.field.text

    @Slot(str)
    def _on_edited(self, text: str) -> None:
        self._place, self._draft = -1, text
        self._set(text)

    @Slot(str)
    def _on_asked(self, prompt: str) -> None:
        self._history.add(prompt)
        self._place = -1

    @Slot()
    def _on_choices_changed(self) -> None:
        self.field.set_text(self._painter.choices.settings.prompt)

    def _walk(self, step: int) -> None:
        prompts = self._history.prompts()
        if self._place < 0:
            self._draft = self.text
        place = min(self._place + step, len(prompts) - 1)
        if place >= 0 and self._place < 0 and prompts[place] == self._draft and step > 0:
            place = min(place + 1, len(prompts) - 1)  # the one that stands there is no news
        self._place = max(place, -1)
        self._set(self._draft if self._place < 0 else prompts[self._place])

    @Slot()
    def _list(self) -> None:
        self.menu.clear()
        prompts = self._history.prompts()
        for prompt in prompts[:LISTED]:
            line = " ".join(prompt.split())
            short = line if len(line) <= LETTERS else line[: LETTERS - 1] + "…"
            self.menu.addAction(unmnemonic(short), lambda prompt=prompt: self._set(prompt))
        self.menu.addSeparator()
        clear = self.menu.addAction(self.tr("&Forget All Prompts"), self._history.clear)
        clear.setEnabled(bool(prompts))

    def _set(self, prompt: str) -> None:
        self._painter.set_choices(self._painter.choices.changed(prompt=prompt))
