"""The About dialog: version, licence and credits."""

from importlib.metadata import PackageNotFoundError, files

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app import paths
from app.version import own_version
from widgets.plain_widgets import PlainLabel
from widgets.theme import theme


class AboutDialog(QDialog):
    """Shows the texts of the licence and credit files that ship with the program."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Lacuna"))
        side = theme.spacing(self, 4)
        column = QVBoxLayout(self)
        column.setSpacing(theme.spacing(self, 2))
        mark = PlainLabel(self)
        mark.setPixmap(theme.app_icon().pixmap(QSize(side * 5, side * 5), self.devicePixelRatioF()))
        name = PlainLabel("Lacuna", self)
        name.setProperty("role", "title")
        version = PlainLabel(self.tr("Version %1").replace("%1", own_version()), self)
        version.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        promise = PlainLabel(
            self.tr("Click an object, refine the mask, remove it, and nothing else changes."), self
        )
        promise.setWordWrap(True)
        for label in (mark, name, version, promise):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self._tabs(), 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        column.addWidget(buttons)
        theme.open_at(self, side * 32, side * 34)

    def _tabs(self) -> QTabWidget:
        tabs = QTabWidget(self)
        credits_text = paths.resource("CREDITS.md").read_text(encoding="utf-8")
        icons_text = paths.resource("icons", "LICENSE-lucide.txt").read_text(encoding="utf-8")
        self._add_page(tabs, self.tr("Credits"), markdown=credits_text)
        self._add_page(tabs, self.tr("Licence"), plain=_licence())
        self._add_page(tabs, self.tr("Icons"), plain=icons_text)
        return tabs

    def _add_page(
        self, tabs: QTabWidget, title: str, *, markdown: str = "", plain: str = ""
    ) -> None:
        page = QTextBrowser(self)
        page.setAccessibleName(title)
        page.setOpenExternalLinks(True)
        tabs.addTab(page, title)
        if markdown:
            page.setMarkdown(markdown)
        else:
            page.setPlainText(plain)


def _licence() -> str:
    """The Apache licence: from the root of a checkout, else from the package metadata."""
    beside = paths.resource().parent / "LICENSE"
    if beside.exists():
        return beside.read_text(encoding="utf-8")
    try:
        for entry in files("lacuna-editor") or ():
            if entry.name == "LICENSE":
                return entry.read_text(encoding="utf-8")
    except PackageNotFoundError:
        pass
    return "Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0"
