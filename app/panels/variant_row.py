"""The strip of variants of the Remove and the Paint panel."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.document.document import Variant
from app.session.variants import Variants
from app.text.engines import engine_name
from widgets.lists.variant_strip import VariantStrip, VariantTile


class VariantRow(VariantStrip):
    """Variants that `wanted` accepts; hidden without one. Maps positions to numbers."""

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
        number = str(self._variants.ordinal(variant))
        tip = f"{engine_name(made_by(variant))}, {seed.replace('{seed}', str(variant.seed))}"
        if is_shown:
            tip += "\n" + self.tr("This variant is in the picture.")
        return VariantTile(
            image=self._variants.seen(largest),
            caption=f"✓ {number}" if is_shown else number,
            tip=tip,
            is_applied=is_shown,
        )


def made_by(variant: Variant) -> str:
    """The model of a painting, the engine's label of a removal."""
    models = [record.model for record in variant.paint_records if record.model]
    return models[0] if models else variant.engine
