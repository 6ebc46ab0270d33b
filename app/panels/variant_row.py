"""The strip of variants in a panel: those of its own kind."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.document.document import Variant
from app.session.variants import Variants
from app.text.engines import engine_name
from widgets.lists.variant_strip import VariantStrip, VariantTile


class VariantRow(VariantStrip):
    """Hidden while there is none; counts as the strip does, tells the session's numbers."""

    def __init__(
        self, variants: Variants, wanted: Callable[[Variant], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._variants, self._wanted = variants, wanted
        self._numbers: list[int] = []
        variants.looked.connect(self._on_looked)
        self.looked.connect(lambda row: variants.look_for(self._numbers[row]))
        self.applied.connect(lambda row: variants.apply(self._index(row)))
        self.discarded.connect(lambda row: variants.discard(self._index(row)))
        self._on_looked()

    def _index(self, row: int) -> int:
        numbers = [variant.number for variant in self._variants.all]
        return numbers.index(self._numbers[row])

    @Slot()
    def _on_looked(self) -> None:
        found = [variant for variant in self._variants.all if self._wanted(variant)]
        current = self._variants.current
        self._numbers = [variant.number for variant in found]
        self.setVisible(bool(found))
        row = found.index(current) if current in found else -1
        self.set_variants([self._tile(variant) for variant in found], row)

    def _tile(self, variant: Variant) -> VariantTile:
        largest = max(variant.patches, key=lambda patch: patch.rect.size.pixels)
        is_shown = self._variants.is_shown(variant)
        seed = self.tr("seed {seed}")
        caption = self.tr("{number} (shown)") if is_shown else "{number}"
        return VariantTile(
            image=self._variants.seen(largest),
            caption=caption.replace("{number}", str(variant.number)),
            tip=f"{engine_name(made_by(variant))}, {seed.replace('{seed}', str(variant.seed))}",
            is_applied=is_shown,
        )


def made_by(variant: Variant) -> str:
    """Of a painting the model, of a removal what it says."""
    models = [record.model for record in variant.paint_records if record.model]
    return models[0] if models else variant.engine
