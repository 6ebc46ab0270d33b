"""The list of models with details of the chosen one and its buttons."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.models import words as model_words
from app.dialogs.models.rows import ModelRow, ModelState, rows
from app.engines.model_jobs import FetchModel
from app.services.jobs import Job, Jobs
from app.services.model_library import ModelLibrary
from app.text.licences import training
from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.question import confirm
from widgets.theme import theme

KEY = Qt.ItemDataRole.UserRole


class ModelsList(QWidget):
    """All models grouped by purpose; below them details of the chosen one."""

    checked = Signal(str, bool)  # title of a model that was compared, whether anybody knows it

    def __init__(self, library: ModelLibrary, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._rows: dict[str, ModelRow] = {}
        self._items: dict[str, QTreeWidgetItem] = {}
        self.tree = QTreeWidget(self)
        self.heading, self.about, self.facts = PlainLabel(self), PlainLabel(self), PlainLabel(self)
        self._make_buttons()
        self._lay_out()
        self.tree.currentItemChanged.connect(self._on_chosen)
        self.tree.itemActivated.connect(self._on_activated)
        library.changed.connect(self.refresh)
        jobs.changed.connect(self._on_job)
        self.refresh()

    def _make_buttons(self) -> None:
        self.download = QPushButton(self.tr("&Download"), self)
        self.cancel = QPushButton(theme.icon("x"), self.tr("&Cancel"), self)
        self.verify = QPushButton(theme.icon("shield-check"), self.tr("Chec&k"), self)
        self.delete = QPushButton(theme.icon("trash-2"), self.tr("D&elete…"), self)
        self.folder = QPushButton(theme.icon("folder-open"), self.tr("Show &Folder"), self)
        self.licence = QPushButton(self.tr("&Licence Page"), self)
        theme.make_primary(self.download, "file-down")
        self.buttons = (
            self.download, self.cancel, self.verify, self.delete, self.folder, self.licence
        )  # fmt: skip
        for button in self.buttons:
            button.setAutoDefault(False)
        set_tip(self.verify, self.tr("Read the files and compare them with their checksums."))
        set_tip(self.licence, self.tr("Open the page of the model in the browser."))
        self.download.clicked.connect(self._on_download)
        self.cancel.clicked.connect(self._on_cancel)
        self.verify.clicked.connect(self._on_verify)
        self.delete.clicked.connect(self._on_delete)
        self.folder.clicked.connect(self._on_folder)
        self.licence.clicked.connect(self._on_licence)

    def _lay_out(self) -> None:
        self.tree.setAccessibleName(self.tr("Models"))
        self.tree.setHeaderLabels(
            [
                self.tr("Model"), self.tr("State"), self.tr("Download"), self.tr("Memory"),
                self.tr("Licence"),
            ]
        )  # fmt: skip
        self.tree.setUniformRowHeights(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(theme.spacing(self, 3))
        self.tree.setEditTriggers(QTreeWidget.EditTrigger.NoEditTriggers)
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.heading.setProperty("role", "heading")
        self.facts.setProperty("role", "muted")
        for label in (self.heading, self.about, self.facts):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        row = QHBoxLayout()
        for button in self.buttons:
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.tree, 1)
        for part in (self.heading, self.about, self.facts):
            column.addWidget(part)
        column.addLayout(row)

    # what is shown

    @Slot()
    def refresh(self) -> None:
        """Build the list again; the chosen row stays chosen."""
        library = self._library
        found = rows(library.catalog, library.stock, library.job, library.is_own)
        keys = [row.key for row in found]
        chosen = self._chosen_key()
        self._rows = {row.key: row for row in found}
        if keys != list(self._items):
            self._build(found)
        for row in found:
            self._show(row)
        self._choose(chosen if chosen in self._items else keys[0] if keys else "")
        self._show_chosen()

    def _build(self, found: list[ModelRow]) -> None:
        place = self.tree.verticalScrollBar().value()
        with QSignalBlocker(self.tree):
            self.tree.clear()
            self._items = {}
            groups: dict[str, QTreeWidgetItem] = {}
            for row in found:
                if row.group not in groups:
                    groups[row.group] = self._add_group(row.group)
                item = self._items[row.key] = QTreeWidgetItem(groups[row.group])
                item.setData(0, KEY, row.key)
            self.tree.expandAll()
        self.tree.verticalScrollBar().setValue(place)

    def _add_group(self, code: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self.tree, [model_words.group(code)])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = self.font()
        font.setBold(True)
        item.setFont(0, font)
        item.setFirstColumnSpanned(True)
        return item

    def _show(self, row: ModelRow) -> None:
        size = model_words.to_download(row.entry)
        if row.model is not None:
            size = model_words.size(row.model.size_bytes) if row.entry is None else size
        texts = (
            plain(row.title),
            model_words.state(row),
            size,
            model_words.memory(row.entry),
            model_words.licence(row.entry),
        )
        item = self._items[row.key]
        for column, text in enumerate(texts):
            if item.text(column) != text:
                item.setText(column, text)

    def _show_chosen(self) -> None:
        row = self.chosen
        self.heading.setText(plain(row.title) if row else "")
        self.about.setText(model_words.about(row) if row else "")
        self.facts.setText(self._facts(row) if row else "")
        self.download.setVisible(row is not None and row.can_download)
        self.cancel.setVisible(row is not None and row.can_cancel)
        self.verify.setVisible(row is not None and row.can_verify)
        self.delete.setVisible(row is not None and row.can_delete)
        self.folder.setVisible(row is not None and row.model is not None)
        self.licence.setVisible(row is not None and row.entry is not None)
        self.download.setText(
            self.tr("&Go on") if row and row.state is ModelState.BEGUN else self.tr("&Download")
        )

    def _facts(self, row: ModelRow) -> str:
        facts: list[str] = []
        if row.model is not None:
            place = self.tr("It lies in {folder}.")
            facts.append(place.replace("{folder}", plain(str(row.model.path.parent))))
        if row.entry is not None:
            if row.entry.gated and row.can_download:
                facts.append(self.tr("Its owner wants to be asked first: see Access."))
            facts += self._needs(row)
            facts += [text] if (text := training(row.entry)) else []
            if row.entry.fallback and row.state is ModelState.ABSENT:
                facts.append(self._fallback(row.entry.fallback))
        return " ".join(facts)

    def _needs(self, row: ModelRow) -> list[str]:
        if row.entry is None or not row.entry.needs:
            return []
        missing = self._library.missing_parts(row.entry)
        if not missing:
            return [self.tr("What it needs is here.")]
        names = ", ".join(part.title for part in missing)
        total = model_words.size(sum(part.size_bytes for part in missing))
        text = self.tr("It also needs {parts} ({size}), which are downloaded along.")
        return [text.replace("{parts}", names).replace("{size}", total)]

    def _fallback(self, id: str) -> str:
        other = self._library.catalog.get(id)
        text = self.tr("Where it does not fit: {model}.")
        return text.replace("{model}", other.title if other else id)

    # what is chosen

    @property
    def chosen(self) -> ModelRow | None:
        return self._rows.get(self._chosen_key())

    def choose(self, key: str) -> None:
        """Put the focus on a row, by an entry's id or a path."""
        self._choose(key)
        self._show_chosen()

    def _chosen_key(self) -> str:
        item = self.tree.currentItem()
        return (item.data(0, KEY) or "") if item is not None else ""

    def _choose(self, key: str) -> None:
        item = self._items.get(key)
        if item is not None and item is not self.tree.currentItem():
            self.tree.setCurrentItem(item)

    @Slot()
    def _on_chosen(self) -> None:
        self._show_chosen()

    @Slot(object)
    def _on_job(self, job: Job) -> None:
        """Show the progress of a download in its row."""
        if isinstance(job.request, FetchModel) and not job.is_over:
            library, key = self._library, job.request.entry.id
            found = rows(library.catalog, library.stock, library.job, library.is_own)
            row = next((row for row in found if row.key == key), None)
            if row is not None and key in self._items:
                self._rows[key] = row
                self._show(row)

    # verbs

    @Slot()
    def _on_activated(self) -> None:
        row = self.chosen
        if row is not None and row.can_download:
            self._on_download()

    @Slot()
    def _on_download(self) -> None:
        row = self.chosen
        if row is not None and row.entry is not None:
            for part in self._library.missing_parts(row.entry):
                self._library.download(part)
            self._library.download(row.entry)

    @Slot()
    def _on_cancel(self) -> None:
        row = self.chosen
        if row is not None and row.entry is not None:
            self._library.cancel(row.entry)

    @Slot()
    def _on_verify(self) -> None:
        row = self.chosen
        if row is not None and row.entry is not None:
            title = row.title
            self._library.verify(row.entry, lambda known: self.checked.emit(title, known))

    @Slot()
    def _on_delete(self) -> None:
        row = self.chosen
        if row is None or row.entry is None:
            return
        entry = row.entry
        text = self.tr("Delete {model} from this computer?").replace("{model}", plain(row.title))
        detail = self.tr("It can be downloaded again.")
        confirm(self, text, detail, lambda: self._library.delete(entry))

    @Slot()
    def _on_folder(self) -> None:
        row = self.chosen
        if row is not None and row.model is not None:
            show_folder(row.model.path.parent)

    @Slot()
    def _on_licence(self) -> None:
        row = self.chosen
        if row is not None and row.entry is not None:
            QDesktopServices.openUrl(QUrl(row.entry.licence_page))


def show_folder(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
