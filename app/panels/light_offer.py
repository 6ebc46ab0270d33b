"""The offer of light models: a button to fetch them, their licences, and progress meanwhile."""

from functools import partial

from PySide6.QtCore import QLocale, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.services.light_models import FOR_SUBJECTS, LARGE, SMALL, LightModels, SetState
from app.text.licences import terms
from engine.jobs.backend import Capability
from engine.models.catalog import ModelSet
from widgets.fields.collapsible import Collapsible
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme


class LightOffer(QWidget):
    """Shown while what is built in does the work, and these models would do it better.

    In a panel the smaller set and the licences are folded away.
    """

    def __init__(
        self, light: LightModels, need: Capability | None = None, parent: QWidget | None = None
    ) -> None:
        """`need` None: offered where either clicks or removals would be better."""
        super().__init__(parent)
        self._light, self._need = light, need
        self.fetch, self.small = QPushButton(self), QPushButton(self)
        self.cancel = QPushButton(theme.icon("x"), self.tr("Stop the download"), self)
        self.terms = PlainLabel(self)
        self.terms.setProperty("role", "muted")
        self.terms.setWordWrap(True)
        self.fetch.setIcon(theme.icon("file-down"))
        self._lay_out()
        self.fetch.clicked.connect(partial(light.fetch, LARGE))
        self.small.clicked.connect(partial(light.fetch, SMALL))
        self.cancel.clicked.connect(light.cancel)
        light.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        more = QWidget(self)
        rest = QVBoxLayout(more)
        rest.setContentsMargins(0, 0, 0, 0)
        for part in (self.small, self.terms):
            rest.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.fetch, self.cancel):
            column.addWidget(part)
        if self._need is None:
            column.addWidget(more)
        else:
            column.addWidget(Collapsible(self.tr("Licences, and a smaller download"), more, self))

    @Slot()
    def _show(self) -> None:
        is_offered = self._light.is_offered(self._need)
        self.setVisible(is_offered)
        if not is_offered:
            return
        current = self._light.current
        models = self._light.progress(LARGE).models if current is None else current.models
        self.terms.setText(terms(models))
        self.fetch.setEnabled(current is None)
        self.small.setVisible(current is None)
        self.cancel.setVisible(current is not None and current.state is SetState.FETCHING)
        if current is None:
            self._name_sets()
        elif current.state is SetState.CHECKING:
            self.fetch.setText(self.tr("Checking on a sample picture…"))
        else:
            percent = str(int(current.share * 100))
            self.fetch.setText(self.tr("Downloading, {percent} %").replace("{percent}", percent))

    def _name_sets(self) -> None:
        large, small = self._light.progress(LARGE).models, self._light.progress(SMALL).models
        text = self.tr("Better selecting and removing ({size})")
        self.fetch.setText(text.replace("{size}", _size(large)))
        text = self.tr("A smaller download ({size})")
        self.small.setText(text.replace("{size}", _size(small)))
        set_tip(self.fetch, self.tr("Fetches small models that run on any computer."))
        set_tip(self.small, terms(small))


class SubjectOffer(QWidget):
    """Shown where clicks have a model and the subject has none: one small download."""

    def __init__(self, light: LightModels, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._light = light
        self.fetch, self.terms = QPushButton(self), PlainLabel(self)
        self.fetch.setIcon(theme.icon("file-down"))
        self.terms.setProperty("role", "muted")
        self.terms.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.fetch)
        column.addWidget(self.terms)
        self.fetch.clicked.connect(partial(light.fetch, FOR_SUBJECTS))
        light.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        clicks, subjects = map(self._light.is_offered, (Capability.CLICK, Capability.SUBJECT))
        is_known = FOR_SUBJECTS in self._light.sets
        self.setVisible(is_known and subjects and not clicks)
        if is_known:
            models = self._light.progress(FOR_SUBJECTS).models
            text = self.tr("Better Select Subject ({size})")
            self.fetch.setText(text.replace("{size}", _size(models)))
            self.terms.setText(terms(models))


def _size(models: ModelSet) -> str:
    form = QLocale.DataSizeFormat.DataSizeSIFormat
    return QLocale().formattedDataSize(models.size_bytes, 0, form)
