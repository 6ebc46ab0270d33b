"""The Paint panel as it was left: kept with the settings, without the prompts."""

from PySide6.QtCore import QObject, QTimer, Slot

from app.services.preferences import Preferences
from app.session.painter import Painter
from app.settings.paint_choices import PaintChoices
from app.settings.paint_json import of_choices, usable
from widgets.fields.collapsible import Collapsible

DELAY_MS = 800  # a slider that moves is not written at each step


class PaintMemory(QObject):
    """Restores once, then follows."""

    def __init__(
        self, painting: Painter, fold: Collapsible, preferences: Preferences, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._painting, self._fold, self._preferences = painting, fold, preferences
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.keep)
        self._restore()
        painting.choices_changed.connect(self._timer.start)
        fold.opened.connect(self._timer.start)

    def _restore(self) -> None:
        form = dict(self._preferences.current.paint)
        self._fold.set_open(form.pop("more", False) is True)
        self._painting.set_choices(usable(form, PaintChoices()))

    @Slot()
    def keep(self) -> None:
        """Write it now: before the window goes, too."""
        self._timer.stop()
        form = of_choices(self._painting.choices, prompts=False)
        default = of_choices(PaintChoices(), prompts=False)
        kept = {key: value for key, value in form.items() if value != default[key]}
        if self._fold.is_open:
            kept["more"] = True
        self._preferences.change("paint", kept)
