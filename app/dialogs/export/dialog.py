"""The Export dialog: content, file, format options, and a list of the metadata."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.commands.export_estimate import EstimateWork, ExportEstimate, sample_of
from app.dialogs.export.form import ExportForm
from app.services.preferences import Preferences
from app.settings.export_options import restored, saved
from app.text.embedded import embedded_words, size_words
from engine.image_io import formats
from engine.image_io.writer import Embedded, ExportOptions
from engine.picture import Picture
from widgets.fields.fields import LabeledChoice
from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel
from widgets.theme import theme

Estimate = Callable[[EstimateWork, Callable[[ExportEstimate], None]], None]
"""Does the work in some thread and calls back in the UI thread; a newer work replaces an older."""

_DELAY_MS = 150
_SUFFIXES = {"picture": "-lacuna", "cutout": "-cutout", "mask": "-mask"}
"""So that the mask of a picture does not take the place of the picture."""


class ExportChoice(NamedTuple):
    """The user's choice; `what` is picture, cutout or mask."""

    what: str
    path: Path
    options: ExportOptions


class ExportDialog(QDialog):
    """Emits `chosen` with an `ExportChoice`; writes nothing itself.

    The picture must stay as it is while the dialog is open: it is modal to its window.
    """

    chosen = Signal(object)

    def __init__(
        self,
        picture: Picture,
        path: Path,
        preferences: Preferences,
        *,
        source: Path | None = None,
        has_mask: bool = False,
        estimate: Estimate,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._picture, self._source = picture, source
        self._preferences, self._estimate = preferences, estimate
        self._sample = sample_of(picture)
        self.setWindowTitle(self.tr("Export"))
        self.setModal(True)
        whats = [("picture", self.tr("Picture"))]
        if has_mask:
            whats += [("cutout", self.tr("Cut-out")), ("mask", self.tr("Mask"))]
        self.what = LabeledChoice(self.tr("&What"), whats, value="picture", parent=self)
        options = restored(preferences.current.export, source_format=picture.format)
        self.form = ExportForm(picture, options, self)
        self.path = QLineEdit(str(path), self)
        self.browse_button = QPushButton(self.tr("&Browse…"), self)
        self.list = QListWidget(self)
        self.size_label = PlainLabel(self)
        self.warning = PlainLabel(self)
        self._timer = QTimer(self)
        self._build()
        self._connect()
        self._on_format_changed()

    def _build(self) -> None:
        self.path.setAccessibleName(self.tr("File"))
        self.path.setMinimumWidth(self.fontMetrics().averageCharWidth() * 50)
        self.browse_button.setAutoDefault(False)
        self.list.setProperty("role", "bare")
        self.list.setAccessibleName(self.tr("What the file will say about itself"))
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.list.setMinimumHeight(self.fontMetrics().height() * 8)
        self.warning.setWordWrap(True)
        self.warning.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.export_button = self.buttons.addButton(
            self.tr("&Export"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        theme.make_primary(self.export_button, "image-down")
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY_MS)
        self._lay_out()

    def _lay_out(self) -> None:
        where = QHBoxLayout()
        name = PlainLabel(self.tr("&File"), self)
        name.setBuddy(self.path)
        where.addWidget(name)
        where.addWidget(self.path, 1)
        where.addWidget(self.browse_button)
        heading = PlainLabel(self.tr("What the file will say about itself"), self)
        heading.setProperty("role", "heading")
        column = QVBoxLayout(self)
        column.setSpacing(theme.spacing(self, 2))
        column.addWidget(self.what)
        column.addLayout(where)
        column.addWidget(self.warning)
        column.addWidget(self.form)
        column.addWidget(heading)
        column.addWidget(self.list, 1)
        column.addWidget(self.size_label)
        column.addWidget(self.buttons)
        order = (self.what.combo, self.path, self.browse_button, self.form.format.combo)
        for before, after in pairwise(order):
            self.setTabOrder(before, after)

    def _connect(self) -> None:
        self.what.changed.connect(self._on_what_changed)
        self.form.changed.connect(self._on_options_changed)
        self.form.format_changed.connect(self._on_format_changed)
        self.path.textChanged.connect(self._check_path)
        self.path.textEdited.connect(self._follow_ending)
        self.browse_button.clicked.connect(self._on_browse)
        self._timer.timeout.connect(self._ask)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)

    @property
    def choice(self) -> ExportChoice:
        """The choice that the fields hold now."""
        return ExportChoice(self.what.value, Path(self.path.text()).expanduser(), self.form.options)

    @Slot(str)
    def _on_what_changed(self, what: str) -> None:
        """Change the proposed name; a name that the user typed stays."""
        path = Path(self.path.text())
        for suffix in _SUFFIXES.values():
            if path.stem.endswith(suffix):
                stem = path.stem.removesuffix(suffix) + _SUFFIXES[what]
                self.path.setText(str(path.with_stem(stem)))
                break
        self._on_format_changed()

    @Slot()
    def _on_format_changed(self) -> None:
        what = self.what.value
        self.form.setEnabled(what != "mask")
        self.form.offer(alpha_only=what == "cutout")
        self._set_ending()
        self._on_options_changed()

    def _set_ending(self) -> None:
        name = "png" if self.what.value == "mask" else self.form.options.format
        path = Path(self.path.text())
        known = formats.of_extension(path.suffix)
        if path.name and (known is None or known.name != name):
            ending = ".jpg" if name == "jpeg" else f".{name}"
            stem = path.name if known is None else path.stem
            self.path.setText(str(path.with_name(stem + ending)))

    @Slot()
    def _on_options_changed(self) -> None:
        self._check_path()
        self.size_label.setText(self.tr("Size: …"))
        self._timer.start()

    def _show_embedded(self, found: list[Embedded]) -> None:
        self.list.clear()
        for item in found:
            row = QListWidgetItem(embedded_words(item))
            row.setIcon(theme.icon("check" if item.kept else "x"))
            self.list.addItem(row)
        if not found:
            self.list.addItem(self.tr("Nothing but pixels"))

    @Slot()
    def _check_path(self) -> None:
        path = self.choice.path
        is_source = self._source is not None and _same(path, self._source)
        warning = ""
        if is_source:
            warning = self.tr("This is the source file: choose another name.")
        elif path.exists():
            warning = self.tr("%1 exists and will be replaced.").replace("%1", plain(path.name))
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))
        self.export_button.setEnabled(bool(self.path.text().strip()) and not is_source)

    @Slot()
    def _ask(self) -> None:
        if self.what.value == "mask":
            self.size_label.setText("")
            self._show_embedded([])
            return
        work = EstimateWork(sample=self._sample, whole=self._picture, options=self.form.options)
        self._estimate(work, self._show)

    def _show(self, found: ExportEstimate) -> None:
        # the window may have been closed, or another content chosen, while the work was under way
        if not isValid(self) or self.what.value == "mask":
            return
        self._show_embedded(found.embedded)
        size = found.size
        self.size_label.setText(self.tr("Size: about %1").replace("%1", size_words(size)))

    @Slot()
    def _on_browse(self) -> None:
        title = self.tr("Export to")
        name, _ = QFileDialog.getSaveFileName(self, title, self.path.text())
        if name:
            self.path.setText(name)
            self._follow_ending()
            self._set_ending()

    @Slot()
    def _follow_ending(self) -> None:
        """Set the format by the extension of the name, if that format can hold the content."""
        found = formats.of_extension(Path(self.path.text()).suffix)
        if found is None or not found.writable or self.what.value == "mask":
            return
        if found.name != self.form.options.format and (found.alpha or self.what.value != "cutout"):
            self.form.show_options(replace(self.form.options, format=found.name))
            self._on_options_changed()

    @Slot()
    def _on_accepted(self) -> None:
        typed = self.path.text()
        self._set_ending()
        if self.path.text() != typed and self.warning.isVisible():
            return  # the name became another one, and that one is taken: the user decides
        self._preferences.change("export", saved(self.form.options))
        self.chosen.emit(self.choice)
        self.accept()


def _same(path: Path, other: Path) -> bool:
    """Whether two paths are one file."""
    return path == other or (path.exists() and other.exists() and path.samefile(other))
