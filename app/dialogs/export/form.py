"""The fields of `ExportOptions`; those a format does not have are hidden."""

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.settings.export_options import SOURCE_TYPES, SUBSAMPLINGS, WRITABLE
from app.text.embedded import source_type_words
from engine.image_io import formats
from engine.image_io.encoding.jpeg_file import QUALITY, SUBSAMPLING
from engine.image_io.writer import ExportOptions
from engine.picture import Picture
from widgets.fields.fields import LabeledChoice, LabeledSlider, Separator, Switch
from widgets.theme import theme

_NAMES = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP", "tiff": "TIFF", "avif": "AVIF"}


class ExportForm(QWidget):
    """Emits `changed` when any option is another, and `format_changed` before that."""

    changed = Signal()
    format_changed = Signal()

    def __init__(self, picture: Picture, options: ExportOptions, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = picture
        self._options = options
        self._make_fields()
        self._lay_out()
        self.show_options(options)
        self._connect()

    def _make_fields(self) -> None:
        depths = [("0", self.tr("As the picture")), ("8", "8"), ("16", "16")]
        types = [(term, source_type_words(term)) for term in ("", *SOURCE_TYPES)]
        self.format = LabeledChoice(self.tr("F&ormat"), [(n, _NAMES[n]) for n in WRITABLE])
        self.depth_choice = LabeledChoice(self.tr("&Depth"), depths)
        self.as_source = Switch(
            self.tr("&Compress as the source"),
            value=True,
            help_text=self.tr("What was not changed keeps its data, not only its look."),
        )
        self.lossless = Switch(self.tr("&Without loss"), value=False)
        self.quality = LabeledSlider(self.tr("&Quality"), 1, 100, value=92)
        self.subsampling = LabeledChoice(
            self.tr("&Colour detail"), [(value, value) for value in SUBSAMPLINGS]
        )
        self.compress = Switch(self.tr("Co&mpress without loss"), value=True)
        self.private = Switch(
            self.tr("&Private: nothing but pixels and profile"),
            value=False,
            help_text=self.tr("Leaves out camera data, place, texts and marks."),
        )
        self.keep_exif = Switch(self.tr("Keep camera data and &texts"), value=True)
        self.keep_gps = Switch(self.tr("Keep the place (&GPS)"), value=True)
        self.keep_prompts = Switch(
            self.tr("Keep pro&mpts and settings"),
            value=True,
            help_text=self.tr("How it was painted, as other programs read it (PNG)."),
        )
        self.source_type = LabeledChoice(
            self.tr("Mark the picture &as"),
            types,
            help_text=self.tr("IPTC digital source type: tells how a picture was made."),
        )

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.spacing(self, 1.5))
        for part in (
            self.format,
            self.depth_choice,
            self.as_source,
            self.lossless,
            self.quality,
            self.subsampling,
            self.compress,
        ):
            column.addWidget(part)
        column.addWidget(Separator(self))
        for part in (
            self.private,
            self.keep_exif,
            self.keep_gps,
            self.keep_prompts,
            self.source_type,
        ):
            column.addWidget(part)

    def _connect(self) -> None:
        self.format.changed.connect(self._on_format)
        for choice in (self.depth_choice, self.subsampling, self.source_type):
            choice.changed.connect(self._on_changed)
        for switch in (
            self.as_source,
            self.lossless,
            self.compress,
            self.private,
            self.keep_exif,
            self.keep_gps,
            self.keep_prompts,
        ):
            switch.changed.connect(self._on_changed)
        self.quality.committed.connect(self._on_changed)

    @property
    def options(self) -> ExportOptions:
        return self._options

    def show_options(self, options: ExportOptions) -> None:
        """Fill the fields without emitting `changed`."""
        self._options = options
        self.format.set_value(options.format)
        self.depth_choice.set_value(str(options.depth or 0))
        coding = self._picture.coding
        self.as_source.set_value(options.quality is None and options.lossless is None)
        self.lossless.set_value(bool(options.lossless))
        self.quality.set_value(options.quality or coding.quality or QUALITY)
        self.subsampling.set_value(options.subsampling or SUBSAMPLING)
        self.compress.set_value(options.compress)
        self.private.set_value(options.private)
        self.keep_exif.set_value(options.keep_exif)
        self.keep_gps.set_value(options.keep_gps)
        self.keep_prompts.set_value(options.keep_prompts)
        self.source_type.set_value(options.source_type or "")
        self._show_fitting()

    def offer(self, *, alpha_only: bool) -> None:
        """List the formats; a cut-out needs one with transparency."""
        names = [n for n in WRITABLE if not alpha_only or formats.named(n).alpha]
        if self._options.format not in names:
            self._options = replace(self._options, format=names[0])
        self.format.set_choices([(name, _NAMES[name]) for name in names])
        self.format.set_value(self._options.format)
        self._show_fitting()

    def _show_fitting(self) -> None:
        chosen = formats.named(self._options.format)
        self.depth_choice.setVisible(self._picture.depth > 8 and len(chosen.depths) > 1)
        follows = self._follows_source()
        self.as_source.setVisible(chosen.has_quality and chosen.name == self._picture.format)
        self.lossless.setVisible(chosen.name == "webp" and not follows)
        lossless = chosen.name == "webp" and bool(self._options.lossless)
        self.quality.setVisible(chosen.has_quality and not follows and not lossless)
        self.subsampling.setVisible(chosen.name == "jpeg" and not follows)
        self.compress.setVisible(chosen.name == "tiff")
        open_ = not self._options.private
        self.keep_exif.setEnabled(open_)
        self.keep_gps.setEnabled(open_ and self._options.keep_exif)
        self.keep_prompts.setEnabled(open_ and self._options.keep_exif)
        self.keep_prompts.setVisible(chosen.text)
        self.source_type.setEnabled(open_)

    def _follows_source(self) -> bool:
        return self.as_source.value and self._options.format == self._picture.format

    @Slot()
    def _on_format(self) -> None:
        self._options = replace(self._options, format=self.format.value)
        self._show_fitting()
        self.format_changed.emit()

    @Slot()
    def _on_changed(self) -> None:
        self._options = replace(
            self._options,
            depth=int(self.depth_choice.value) or None,
            quality=None if self._follows_source() else round(self.quality.value),
            subsampling=None if self._follows_source() else self.subsampling.value,
            lossless=None if self._follows_source() else self.lossless.value,
            compress=self.compress.value,
            private=self.private.value,
            keep_exif=self.keep_exif.value,
            keep_gps=self.keep_gps.value,
            keep_prompts=self.keep_prompts.value,
            source_type=self.source_type.value or None,
        )
        self._show_fitting()
        self.changed.emit()
