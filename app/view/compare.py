"""The pictures left and right of the split line: the original, the present, a variant."""

from PySide6.QtCore import QObject, Signal, Slot

from app.document.document import Variant
from app.session.session import Session
from app.session.variants import Variants
from widgets.canvas.render.scene import ScenePatch

ORIGINAL, NOW = "original", "now"


class Comparison(QObject):
    """The left side is kept here; the right side is the variant that is looked at.

    A side is named by ORIGINAL, NOW or the number of a variant.
    """

    changed = Signal()

    def __init__(self, session: Session, variants: Variants, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._variants = session, variants
        self._left = ORIGINAL
        session.opened.connect(self._on_opened)
        variants.looked.connect(self.changed)

    @property
    def left(self) -> str:
        """What stands left; the original once a chosen variant is discarded."""
        return self._left if self._left in dict(self.lefts()) else ORIGINAL

    @property
    def right(self) -> str:
        looked_at = self._variants.current
        return str(looked_at.number) if looked_at else NOW

    def choose_left(self, name: str) -> None:
        self._left = name
        self.changed.emit()

    def choose_right(self, name: str) -> None:
        self._variants.look_for(-1 if name == NOW else int(name))

    def lefts(self) -> list[tuple[str, str]]:
        """(name, text) of all that may stand left."""
        return [(ORIGINAL, self.tr("Original")), *self.rights()]

    def rights(self) -> list[tuple[str, str]]:
        return [(NOW, self.tr("Picture as it is")), *map(self._entry, self._variants.all)]

    def before(self) -> list[ScenePatch]:
        """What turns the picture of now into the left side."""
        if self.left == NOW:
            return []
        for variant in self._variants.all:
            if self.left == str(variant.number):
                layers = self._variants.layers(variant)
                return [ScenePatch(p.rect.x, p.rect.y, p.pixels, p.blend) for p in layers]
        return self.original()

    def original(self) -> list[ScenePatch]:
        """What turns the picture of now into the one that was opened."""
        document = self._session.document
        if document is None:
            return []
        return [ScenePatch(r.x, r.y, document.original_view(r)) for r in document.edited_rects]

    def _entry(self, variant: Variant) -> tuple[str, str]:
        text = self.tr("Painted {number}") if variant.request else self.tr("Removed {number}")
        return str(variant.number), text.replace("{number}", str(variant.number))

    @Slot()
    def _on_opened(self) -> None:
        self.choose_left(ORIGINAL)
