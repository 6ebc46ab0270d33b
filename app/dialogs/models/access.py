"""The Hugging Face access token: entry, storage, and a check of gated repositories."""

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.engines.model_jobs import TokenAccess
from app.services.model_library import ModelLibrary
from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel
from widgets.theme import theme

PAGE = Qt.ItemDataRole.UserRole


class ModelsAccess(QWidget):
    """Sends no request before the button is pressed."""

    def __init__(self, library: ModelLibrary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self.token = QLineEdit(self)
        self.save = QPushButton(self.tr("&Save"), self)
        self.forget = QPushButton(theme.icon("trash-2"), self.tr("&Forget"), self)
        self.place = PlainLabel(self)
        self.test = QPushButton(theme.icon("shield-check"), self.tr("&Test Access"), self)
        self.answer = PlainLabel(self)
        self.repos = QTreeWidget(self)
        self.page = QPushButton(self.tr("Open &Page"), self)
        self._lay_out()
        self._connect()
        self._list({})

    def ask(self) -> None:
        """Look up where the token is stored; the system may ask for a password meanwhile."""
        self._library.ask_access(self._on_where)

    def _lay_out(self) -> None:
        label = PlainLabel(self.tr("&Access token of Hugging Face"), self)
        label.setBuddy(self.token)
        self.token.setAccessibleName(self.tr("Access token of Hugging Face"))
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setPlaceholderText("hf_…")
        self.repos.setAccessibleName(self.tr("Models whose owners want to be asked"))
        self.repos.setHeaderLabels([self.tr("Owner's page"), self.tr("Access")])
        self.repos.setRootIsDecorated(False)
        self.place.setProperty("role", "muted")
        for text in (self.place, self.answer):
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.token, 1)
        for button in (self.save, self.forget):
            first.addWidget(button)
        second.addWidget(self.test)
        second.addWidget(self.page)
        second.addStretch(1)
        for button in (self.save, self.forget, self.test, self.page):
            button.setAutoDefault(False)
        hint = PlainLabel(
            self.tr(
                "Some models are given to those who accept a licence. Accept it on the model's "
                "page, make a token that may read on your account's page, and enter it here."
            ),
            self,
        )
        hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addWidget(hint)
        column.addSpacing(theme.spacing(self, 2))
        column.addWidget(label)
        column.addLayout(first)
        column.addWidget(self.place)
        column.addSpacing(theme.spacing(self, 2))
        column.addWidget(self.repos, 1)
        column.addLayout(second)
        column.addWidget(self.answer)

    def _connect(self) -> None:
        self.save.clicked.connect(self._on_save)
        self.token.returnPressed.connect(self._on_save)
        self.token.textChanged.connect(lambda text: self.save.setEnabled(bool(text.strip())))
        self.forget.clicked.connect(lambda: self._library.keep_token("", self._on_kept))
        self.test.clicked.connect(self._on_test)
        self.page.clicked.connect(self._on_page)
        self.repos.itemActivated.connect(lambda *_: self._on_page())
        self.repos.currentItemChanged.connect(
            lambda item, _: self.page.setEnabled(item is not None)
        )
        self.save.setEnabled(False)
        self.page.setEnabled(False)

    def _list(self, known: dict[str, int]) -> None:
        """One line for each gated repository, with its answer."""
        entries = [entry for entry in self._library.catalog.entries if entry.gated]
        pages = {entry.repo: entry.licence_page for entry in entries}
        current = self.repos.currentIndex().row()
        self.repos.clear()
        for repo, page in pages.items():
            text = self._status(known[repo]) if repo in known else self.tr("Not asked yet")
            item = QTreeWidgetItem(self.repos, [plain(repo), text])
            item.setData(0, PAGE, page)
        self.repos.resizeColumnToContents(0)
        if current >= 0:
            self.repos.setCurrentIndex(self.repos.model().index(current, 0))

    def _status(self, status: int) -> str:
        return {
            200: self.tr("May be downloaded"),
            401: self.tr("A token is needed"),
            403: self.tr("The licence is not accepted, or the owner has not agreed yet"),
        }.get(status, self.tr("No answer"))

    def _place(self, where: str) -> str:
        return {
            "environment": self.tr("A token of the environment is used: HF_TOKEN."),
            "keyring": self.tr("A token is kept where your system keeps passwords."),
            "session": self.tr(
                "The token is kept until Lacuna ends: your system has no place for passwords."
            ),
            "file": self.tr("The token of the hub's own program is used."),
        }.get(where, self.tr("There is no token."))

    @Slot()
    def _on_save(self) -> None:
        value = self.token.text().strip()
        if value:
            self.token.clear()
            self._library.keep_token(value, self._on_kept)

    @Slot()
    def _on_test(self) -> None:
        self.test.setEnabled(False)
        self.answer.setText(self.tr("Asking…"))
        self._library.ask_access(self._on_tested, test=True, on_failed=self._on_test_failed)

    @Slot()
    def _on_page(self) -> None:
        item = self.repos.currentItem()
        if item is not None:
            QDesktopServices.openUrl(QUrl(item.data(0, PAGE)))

    def _on_kept(self, where: str) -> None:
        self.place.setText(self._place(where))
        self.forget.setEnabled(where in ("keyring", "session"))
        self.answer.clear()
        self._list({})

    def _on_where(self, access: TokenAccess) -> None:
        self._on_kept(access.where)

    def _on_test_failed(self) -> None:
        self.test.setEnabled(True)
        self.answer.clear()

    def _on_tested(self, access: TokenAccess) -> None:
        self.test.setEnabled(True)
        self.place.setText(self._place(access.where))
        self._list(dict(access.repos))
        if access.user:
            text = self.tr("The token belongs to {user}.")
            self.answer.setText(text.replace("{user}", plain(access.user)))
        elif access.where:
            self.answer.setText(self.tr("The hub does not know this token: make a new one."))
        else:
            self.answer.setText(self.tr("Without a token only free models can be downloaded."))
