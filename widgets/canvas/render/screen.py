"""Keeps what the canvas shows up to date: at once but coarse, then sharp, from a worker."""

from dataclasses import replace
from functools import reduce

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QPainter

from widgets.canvas.render.buffers import Buffers
from widgets.canvas.render.direct import DirectPainter
from widgets.canvas.render.marching_ants import MarchingAnts
from widgets.canvas.render.mipmap import Mipmap
from widgets.canvas.render.scene import MaskMode, MaskOutline, Scene
from widgets.canvas.render.worker import RenderWorker
from widgets.canvas.view import EMPTY, Box, View

SETTLE_MS = 60
"""How long a zoom must rest before it is drawn smoothly."""
MAX_BOXES = 8
"""More outlines than this that change are drawn as one box around them, not one by one."""


class Screen(QObject):
    """Viewport pixels of a scene.

    Emits `changed` with the device box that must be repainted, or `scrolled` when what is on the
    screen already need only be moved.
    """

    changed = Signal(object)
    scrolled = Signal(int, int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.scene = Scene()
        self.view = View()
        self.box = EMPTY
        self.ratio = 1.0
        self.ants = MarchingAnts()
        self._buffers: Buffers | None = None
        self._spare: Buffers | None = None
        self._direct = DirectPainter()
        self._missed: list[tuple[Box, bool]] = []
        self._rendering: Scene | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._refine)
        self._worker = RenderWorker(self, "canvas")
        self._worker.finished.connect(self._on_rendered)

    @property
    def is_sharp(self) -> bool:
        """Whether nothing is left to be drawn better."""
        return self._buffers is not None and self._is_current(self._buffers)

    def _is_current(self, buffers: Buffers) -> bool:
        return buffers.scene is self.scene and buffers.view == self.view and buffers.box == self.box

    def resize(self, width: int, height: int, ratio: float) -> None:
        self.box, self.ratio = Box(0, 0, width, height), ratio
        self.scene = replace(self.scene, line_px=max(1, round(ratio)))
        self._drop()

    def set_scene(self, scene: Scene) -> None:
        """Show something else at the same place; the old pixels stay until the new are there."""
        self.scene = scene
        self._draw_ants(self.box)
        self._refine()

    def set_view(self, view: View) -> None:
        """Show another part, or the same larger or smaller."""
        dx, dy = view.left - self.view.left, view.top - self.view.top
        self.view = view
        kept = self._buffers is not None and self._buffers.pan(view)
        if not kept:
            self._drop()
        self._draw_ants(self.box)
        if kept and self.scene.single is not None:
            self.scrolled.emit(dx, dy)
        else:
            self.changed.emit(self.box)

    def set_split(self, split: float) -> None:
        """Move the line between two versions that are shown already."""
        self.scene = replace(self.scene, split=split)
        if self._buffers is None or self._rendering is not None:
            self._refine()
            return
        self.changed.emit(self._buffers.move_split(self.scene).pad(8))

    def mark(self, box: Box, *, picture: bool) -> None:
        """Draw again what lies in a box of image pixels; without the picture the mask alone."""
        if self._rendering is not None:
            self._missed.append((box, picture))
        device = self.view.device_box(box, 3).clip(self.box)
        if device.is_empty:
            return
        if self._buffers is not None:
            self._buffers.render(device, picture=picture)
        self._draw_ants(device)
        self.changed.emit(device)

    def set_mask_box(self, box: Box) -> None:
        """Remember where the mask may be marked; nothing is drawn anew."""
        if box != self.scene.mask_box:
            self._follow(replace(self.scene, mask_box=box))

    def set_mask(self, mask: Mipmap, box: Box) -> None:
        """Show another mask in the place of one; drawn where either is marked."""
        changed = self.scene.mask_box.join(box)
        self._follow(replace(self.scene, mask=mask, mask_box=box))
        self.mark(changed, picture=False)

    def set_edges(self, edges: tuple[MaskOutline, ...]) -> None:
        """Outlines came and went: draw where they were and are."""
        had_overlay = self.scene.has_overlay
        changed = [e.mask.box for e in self.scene.edges if e not in edges]
        changed += [e.mask.box for e in edges if e not in self.scene.edges]
        scene = replace(self.scene, edges=edges)
        if not had_overlay or not scene.has_overlay:
            self.set_scene(scene)
            return
        self._follow(scene)
        if len(changed) > MAX_BOXES:
            changed = [reduce(Box.join, changed)]
        for box in changed:
            self.mark(box, picture=False)

    def _follow(self, scene: Scene) -> None:
        """Take a scene whose difference is drawn by the caller into what is there already."""
        before, self.scene = self.scene, scene
        if self._buffers is not None and self._buffers.scene is before:
            self._buffers.scene = scene
        if self._rendering is before:
            self._rendering = scene

    def paint(self, painter: QPainter, box: Box) -> None:
        """Fill a device rectangle of the window; `painter` works in device pixels."""
        if self._buffers is None:
            self._direct.paint(painter, self.scene, self.view, self.box, self.ratio)
        else:
            self._buffers.paint(painter, box)
        if self.scene.mode == MaskMode.OUTLINE and not self.scene.is_compared:
            self.ants.paint(painter, box)

    @property
    def paints_whole(self) -> bool:
        """Whether a frame is drawn as a whole, and not by the rectangles that changed."""
        return self._buffers is None

    def wait(self) -> None:
        self._worker.wait()

    def _draw_ants(self, box: Box) -> None:
        if self.scene.mode == MaskMode.OUTLINE:
            self.ants.render(self.scene, self.view, box, self.box)

    def _drop(self) -> None:
        self._replace(None)
        self._settle.start()

    def _replace(self, buffers: Buffers | None) -> None:
        """Keep the memory of the last ones for the next."""
        self._spare = self._buffers or self._spare
        self._buffers = buffers

    @Slot()
    def _refine(self) -> None:
        if self._rendering is not None or self.box.is_empty or self.scene.after is None:
            if self.scene.after is None:
                self._buffers = self._spare = None
                self.changed.emit(self.box)
            return
        self._rendering, self._missed = self.scene, []
        scene, view, box = self.scene, self.view, self.box
        spare, self._spare = self._spare, None
        self._worker.start(lambda: rendered(scene, view, box, spare))

    @Slot(object)
    def _on_rendered(self, buffers: Buffers) -> None:
        scene, self._rendering = self._rendering, None
        if buffers.box != self.box or not buffers.pan(self.view):
            self._spare = buffers
            if not self._settle.isActive():
                self._refine()
            return
        if scene is not None:
            buffers.scene = scene
        self._replace(buffers)
        for box, picture in self._missed:
            device = self.view.device_box(box, 3).clip(self.box)
            if not device.is_empty:
                buffers.render(device, picture=picture)
        self._settle.stop()
        self.changed.emit(self.box)
        if not self.is_sharp:
            self._refine()


def rendered(scene: Scene, view: View, box: Box, spare: Buffers | None = None) -> Buffers:
    """A whole viewport, at its best; for a worker."""
    buffers = Buffers(scene, view, box.width, box.height, spare)
    buffers.render(box)
    return buffers
