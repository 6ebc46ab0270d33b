"""The status bar: the task that runs, facts on the picture, memory, engine, zoom."""

import sys
from pathlib import Path

from PySide6.QtCore import QLocale, QTimer, Slot
from PySide6.QtWidgets import QStatusBar, QWidget

from app.services.engines import Engines
from app.session.click_engines import ClickEngines
from app.session.session import MessageLevel, Session
from app.session.verbs import Verbs
from app.text import engines as engine_text
from app.text.proof import proof_sentence
from app.window.running_task import RunningTask
from engine.dispatch.choice import HERE
from engine.image_io.proof import Proof
from engine.jobs.backend import Capability
from widgets.canvas.canvas import Canvas
from widgets.canvas.pointer import PointerEvent
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.status_items import Badge, PlaceLabel, ZoomButton
from widgets.theme import theme

MEMORY_EVERY_MS = 2000
OTHERS = (Capability.REMOVE, Capability.FIND, Capability.INPAINT)


class StatusBar(QStatusBar):
    """Tips of actions at the left, facts on the picture at the right."""

    def __init__(self, canvas: Canvas, verbs: Verbs, engines: Engines) -> None:
        super().__init__()
        self._canvas, self._session = canvas, verbs.session
        self._place, self._colour = PlaceLabel(self), PlainLabel(self)
        self._facts, self._memory = PlainLabel(self), PlainLabel(self)
        self.badge, self._names_file = Badge(self), False
        self.task = RunningTask(verbs.session.jobs, self)
        verbs.variants.proved.connect(self._on_proved)
        verbs.files.wrote.connect(self._on_wrote)
        verbs.session.image_changed.connect(self._on_image_changed)
        verbs.files.opening.connect(self._on_opening)
        self.engine = EngineLabel(self._session, verbs.click_selector.engines, engines, self)
        self.zoom = ZoomButton(self)
        for part in (
            self.task,
            self.badge,
            self._colour,
            self._place,
            self._facts,
            self._memory,
            self.engine,
            self.zoom,
        ):
            self.addPermanentWidget(part)
        self._colour.setAccessibleName(self.tr("Colour under the pointer"))
        self.setSizeGripEnabled(False)
        self.setContentsMargins(0, 0, theme.spacing(self, 2), 0)
        self._timer = QTimer(self, interval=MEMORY_EVERY_MS)
        self._timer.timeout.connect(self._show_memory)
        self._connect()
        self._on_opened()

    def _connect(self) -> None:
        self._canvas.hovered.connect(self._on_hovered)
        self._canvas.dragged.connect(lambda events: self._on_hovered(events[-1]))
        self._canvas.zoom_changed.connect(self.zoom.set_zoom)
        self.zoom.zoom_chosen.connect(self._canvas.navigator.set_scale)
        self.zoom.fit_chosen.connect(self._canvas.navigator.fit)
        self._session.opened.connect(self._on_opened)

    @Slot()
    def _on_opened(self) -> None:
        document = self._session.document
        for part in (self._place, self._colour, self._facts, self._memory, self.zoom):
            part.setVisible(document is not None)
        if document is None:
            self._timer.stop()
            if not self._names_file:  # it was about the picture that is closed
                self.badge.show_words("", good=True)
            return
        self.badge.show_words("", good=True)
        self._timer.start()
        self._show_memory()
        picture, size = document.picture(), document.size
        depth = self.tr("{number} bit").replace("{number}", str(picture.depth))
        kind = self.tr("gray") if picture.is_gray else "RGB"
        profile = self.tr("own profile") if picture.icc else "sRGB"
        self._facts.setText(f"{size.width} × {size.height}   {depth} {kind}, {profile}")
        self.zoom.set_zoom(self._canvas.navigator.scale)

    @Slot(object)
    def _on_opening(self, path: Path | None) -> None:
        """A file is being read, or (None) no longer."""
        if path is None:
            self.clearMessage()
        else:
            self.showMessage(self.tr("Opening {name}…").replace("{name}", path.name))

    @Slot(bool)
    def show_drop_hint(self, is_over: bool) -> None:
        """Something may be dropped: say what else it could be than a picture to be opened."""
        if is_over and self._session.document is not None:
            self.showMessage(self.tr("Hold Shift to make it the selection, as a mask."))
        else:
            self.clearMessage()

    @Slot(int, int)
    def _on_proved(self, inside: int, outside: int) -> None:
        """Show how many pixels the last write changed outside the ring, and in the tip inside."""
        self._names_file = False
        text = self.tr("%n px changed outside the ring", "", outside)
        tip = self.tr("{number} px inside the ring are new.")
        tip = tip.replace("{number}", QLocale().toString(inside))
        self.badge.show_words(text, good=outside == 0, tip=tip)

    @Slot(object, object)
    def _on_wrote(self, path: Path, proof: Proof | None) -> None:
        """What was measured on the file counts more than what was counted in the picture."""
        if proof is not None:
            good = not (proof.beyond_px if proof.block_px else proof.outside_px)
            self._names_file = True
            self.badge.show_words(proof_sentence(path.name, proof), good=good)

    @Slot()
    def _on_image_changed(self) -> None:
        """A sentence on a file that the picture has left behind goes."""
        self.badge.show_words("", good=True)

    @Slot(object)
    def _on_hovered(self, event: PointerEvent) -> None:
        document = self._session.document
        x, y = int(event.x // 1), int(event.y // 1)
        if document is None or not (0 <= x < document.size.width and 0 <= y < document.size.height):
            self._colour.clear()
            return
        self._place.set_place(x, y)
        red, green, blue = (int(value) for value in document.view[y, x])
        self._colour.setText(f"#{red:02x}{green:02x}{blue:02x}")

    @Slot()
    def _show_memory(self) -> None:
        used_mb = used_memory_mb()
        if used_mb:
            self._memory.setText(
                self.tr("{number} MB").replace("{number}", QLocale().toString(used_mb))
            )


class EngineLabel(PlainLabel):
    """Names the engines in use; warns once when the libraries leave a graphics card unused."""

    def __init__(
        self, session: Session, click_engines: ClickEngines, engines: Engines, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._click_engines, self._engines = session, click_engines, engines
        self._warned = ""
        for signal in (session.opened, session.image_changed, click_engines.prepared_changed):
            signal.connect(self._show)
        engines.changed.connect(self._on_engines_changed)
        self._show()
        self._list()

    @Slot()
    def _on_engines_changed(self) -> None:
        self._show()
        self._list()
        self._warn()

    def _list(self) -> None:
        """Put one sentence for each capability into the tooltip."""
        device = self._engines.device
        lines = [engine_text.sentence(Capability.CLICK, self._click_engines.choice)]
        lines += [engine_text.sentence(need, self._engines.choice(need)) for need in OTHERS]
        if device is not None:
            lines.append(engine_text.device_warning(device))
        set_tip(self, "\n".join(line for line in lines if line))

    @Slot()
    def _show(self) -> None:
        device, text = self._engines.device, self._state()
        if device is not None:
            text = f"{text} · {engine_text.device_words(device)}"
        self.setText(text)

    def _state(self) -> str:
        """The name of the click engine; says so until it has read the picture."""
        choice = self._click_engines.choice
        name = engine_text.name_of(choice)
        if self._session.document is None or self._click_engines.is_ready:
            return name
        if choice.backend in HERE:
            text = self.tr("Basic mode until {model} has read the picture…")
            return text.replace("{model}", name)
        is_reading = not self._click_engines.is_prepared
        return self.tr("Basic mode, reading the picture…") if is_reading else name

    def _warn(self) -> None:
        device = self._engines.device
        text = engine_text.device_warning(device) if device is not None else ""
        if text and text != self._warned:
            self._session.say(text, MessageLevel.WARNING)
        self._warned = text


def used_memory_mb() -> int:
    """Memory of this program that is in RAM; 0 where the system does not say."""
    if not sys.platform.startswith("linux"):
        return 0
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[1])
    return pages * 4096 >> 20
