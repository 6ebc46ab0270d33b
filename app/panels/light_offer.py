"""The offer of light models: one quiet line that leads to the details, and progress meanwhile."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.services.light_models import (
    FOR_SUBJECTS,
    LARGE,
    SMALL,
    LightModels,
    SetProgress,
    SetState,
)
from engine.jobs.backend import Capability
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme


class LightOffer(QWidget):
    """Shown while what is built in does the work, and these models would do it better.

    In a panel without a picture it stays away: the start page offers the same.

    `details_wanted` has the ids of the sets among which there is a choice.
    """

    details_wanted = Signal(object)  # tuple[str, ...]

    def __init__(
        self, light: LightModels, need: Capability | None = None, parent: QWidget | None = None
    ) -> None:
        """`need` None: offered where either clicks or removals would be better."""
        super().__init__(parent)
        self._light, self._need = light, need
        self._sets = (FOR_SUBJECTS,) if need is Capability.SUBJECT else (LARGE, SMALL)
        self.details, self.stop = QToolButton(self), QToolButton(self)
        self.progress = PlainLabel(self)
        self._dress()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        if need is None:  # below the buttons in the middle of the start page
            row.addStretch(1)
        for part in (self.details, self.progress, self.stop):
            row.addWidget(part)
        row.addStretch(1)
        self.details.clicked.connect(self._on_clicked)
        self.stop.clicked.connect(light.cancel)
        light.changed.connect(self._show)
        self._show()

    def _dress(self) -> None:
        self.details.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.details.setIcon(theme.icon("file-down"))
        self.details.setIconSize(theme.text_icon_size(self))
        set_tip(
            self.details, self.tr("Small models that run on any computer: see which, and get them.")
        )
        self.progress.setProperty("role", "muted")
        self.stop.setIcon(theme.icon("x"))
        self.stop.setIconSize(theme.icon_size(self))
        for button in (self.details, self.stop):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.stop.setAccessibleName(self.tr("Stop the download"))
        set_tip(self.stop, self.tr("Stop the download; what has arrived is kept."))

    @Slot()
    def _on_clicked(self) -> None:
        self.details_wanted.emit(self._sets)

    @Slot()
    def _show(self) -> None:
        is_lacking = self.isEnabled() and self._light.is_offered(self._need)
        current = self._light.current if is_lacking else None
        is_coming = current is not None and current.models.id in self._sets
        self.setVisible(is_lacking and (current is None or is_coming))
        self.details.setVisible(current is None)
        self.progress.setVisible(is_coming)
        self.stop.setVisible(current is not None and current.state is SetState.FETCHING)
        if current is not None:
            self.progress.setText(self._words_of(current))
        if self._sets[0] in self._light.sets:
            size = self._light.words_of_size(self._sets[0])
            self.details.setText(self._title().replace("{size}", size))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.EnabledChange:
            self._show()
        super().changeEvent(event)

    def _words_of(self, current: SetProgress) -> str:
        if current.state is SetState.CHECKING:
            return self.tr("Checking on a sample picture…")
        percent = str(int(current.share * 100))
        return self.tr("Downloading, {percent} %").replace("{percent}", percent)

    def _title(self) -> str:
        match self._need:
            case Capability.CLICK:
                return self.tr("Better selecting ({size})…")
            case Capability.REMOVE:
                return self.tr("Better removing ({size})…")
            case Capability.SUBJECT:
                return self.tr("Better Select Subject ({size})…")
            case _:
                return self.tr("Better selecting and removing ({size})…")
