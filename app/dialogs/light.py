"""The window about light models: what each set brings, its size and licences, and its button."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.i18n import QT_TRANSLATE_NOOP
from app.services.light_models import FOR_SUBJECTS, LARGE, SMALL, LightModels
from app.text.licences import terms
from engine.models.catalog import ModelSet
from engine.models.families import Kind
from widgets.fields.fields import Separator
from widgets.plain_widgets import PlainLabel
from widgets.theme import theme

_TITLES = {
    LARGE: QT_TRANSLATE_NOOP("LightDialog", "Best results"),
    SMALL: QT_TRANSLATE_NOOP("LightDialog", "Smaller download"),
    FOR_SUBJECTS: QT_TRANSLATE_NOOP("LightDialog", "Select Subject"),
}
_DOES = {
    Kind.SEGMENTER: QT_TRANSLATE_NOOP("LightDialog", "{model} selects what you click."),
    Kind.REMOVER: QT_TRANSLATE_NOOP("LightDialog", "{model} fills what you remove."),
    Kind.SUBJECT: QT_TRANSLATE_NOOP("LightDialog", "{model} sees the subject of a picture."),
}


class LightDialog(QDialog):
    """Closes when a set was chosen: how far that is stands where the offer stood."""

    def __init__(
        self, light: LightModels, ids: Sequence[str], parent: QWidget | None = None
    ) -> None:
        """`ids` of the sets among which there is a choice; the first is the best."""
        super().__init__(parent)
        self._light, self._ids = light, tuple(ids)
        self.fetch: dict[str, QPushButton] = {}
        about = self.tr(
            "These models run on any computer, also without a graphics card. They are fetched "
            "once, and checked on a sample picture before they are used. Your pictures stay here."
        )
        is_subject = tuple(ids) == (FOR_SUBJECTS,)
        both = self.tr("Better Selecting and Removing")
        self.setWindowTitle(self.tr("Better Select Subject") if is_subject else both)
        column = QVBoxLayout(self)
        column.setSpacing(theme.spacing(self, 4))
        column.addWidget(self._text(about))
        for id in self._ids:
            column.addLayout(self._row(id))
        theme.make_primary(self.fetch[self._ids[0]], "file-down")
        widest_px = max(button.sizeHint().width() for button in self.fetch.values())
        for button in self.fetch.values():
            button.setMinimumWidth(widest_px)
        column.addWidget(Separator(self))
        column.addWidget(self._text(self._terms(), role="muted"))
        column.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        column.addWidget(buttons)
        light.changed.connect(self._show)
        self._show()
        width_px = theme.spacing(self, 160)
        self.setMinimumWidth(width_px)
        theme.open_at(self, width_px, column.totalHeightForWidth(width_px))

    def _row(self, id: str) -> QHBoxLayout:
        """What a set brings, and its button at the right."""
        models = self._light.progress(id).models
        title, button = self._text(_words(_TITLES[id]), role="heading"), QPushButton(self)
        button.setText(self.tr("Download {size}").replace("{size}", self._light.words_of_size(id)))
        button.setAccessibleDescription(title.text())
        button.clicked.connect(partial(self._on_chosen, id))
        self.fetch[id] = button
        words, row = QVBoxLayout(), QHBoxLayout()
        words.setSpacing(theme.spacing(self))
        words.addWidget(title)
        words.addWidget(self._text(_use(models)))
        row.setSpacing(theme.spacing(self, 4))
        row.addLayout(words, 1)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _text(self, text: str, role: str = "") -> PlainLabel:
        label = PlainLabel(text, self)
        label.setWordWrap(True)
        if role:
            label.setProperty("role", role)
        return label

    def _terms(self) -> str:
        """Of all the models together, each once."""
        sets = [self._light.progress(id).models for id in self._ids]
        entries = {entry.id: entry for models in sets for entry in models.entries}
        return terms(ModelSet(self._ids[0], tuple(entries.values())))

    @Slot()
    def _on_chosen(self, id: str) -> None:
        self._light.fetch(id)
        self.close()

    @Slot()
    def _show(self) -> None:
        """Two downloads at once would be one too many."""
        for button in self.fetch.values():
            button.setEnabled(self._light.current is None)


def _use(models: ModelSet) -> str:
    """What each model of a set does, a sentence each."""
    known = [(entry, _DOES.get(entry.kind, "")) for entry in models.entries]
    return " ".join(_words(does).replace("{model}", entry.title) for entry, does in known if does)


def _words(text: str) -> str:
    return QCoreApplication.translate("LightDialog", text)
