"""Who selects, and where models compute: the engine's part of the status bar."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QWidget

from app.services.engines import Engines
from app.session.click_engines import ClickEngines
from app.session.session import MessageLevel, Session
from app.text import engines as engine_words
from engine.dispatch.choice import LOCAL
from engine.jobs.backend import Capability

OTHERS = (Capability.REMOVE, Capability.FIND, Capability.INPAINT)


class EngineLabel(QLabel):
    """Says it loudly, once, when the libraries leave a card unused."""

    def __init__(
        self, session: Session, selectors: ClickEngines, engines: Engines, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._selectors, self._engines = session, selectors, engines
        self._warned = ""
        for signal in (session.opened, session.image_changed):
            signal.connect(self._show)
        selectors.prepared_changed.connect(self._show)
        engines.changed.connect(self._show)
        engines.changed.connect(self._warn)
        self._show()

    @Slot()
    @Slot(object)
    def _show(self, _: object = None) -> None:
        device = self._engines.device
        text = self._state()
        if device is not None:
            text = f"{text} · {engine_words.device_words(device)}"
        self.setText(text)
        lines = [
            engine_words.sentence(need, choice)
            for need, choice in (
                (Capability.CLICK, self._selectors.choice),
                *((need, self._engines.choice(need)) for need in OTHERS),
            )
        ]
        if device is not None:
            lines.append(engine_words.device_warning(device))
        self.setToolTip("\n".join(line for line in lines if line))

    def _state(self) -> str:
        """Until the engine has read the picture the first click takes longer."""
        choice = self._selectors.choice
        name = engine_words.name_of(choice)
        if self._session.document is None or self._selectors.is_ready:
            return name
        if choice.backend == LOCAL:
            text = self.tr("Basic mode until {model} has read the picture…")
            return text.replace("{model}", name)
        is_reading = not self._selectors.is_prepared
        return self.tr("Basic mode, reading the picture…") if is_reading else name

    @Slot()
    def _warn(self) -> None:
        device = self._engines.device
        text = engine_words.device_warning(device) if device is not None else ""
        if text and text != self._warned:
            self._session.say(text, MessageLevel.WARNING)
        self._warned = text
