"""The form of one server: address, login, certificate, and the result of a test."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.dialogs.servers.login import LoginFields
from app.dialogs.servers.trust import TrustFields
from app.engines.server_report import ServerReport
from app.services.servers import Servers
from app.settings.servers import is_header, is_name
from app.text import servers as server_words
from engine.comfy.errors import ServerAddress, ServerCertificate
from engine.comfy.server.address import Login, Server, is_public, parse_address, usable_url
from engine.errors import EngineError
from widgets.lists.diagnostic_list import DiagnosticList
from widgets.lists.diagnostics import Diagnostic
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme


class ServerForm(QDialog):
    """Adds or edits a server; only Save changes the list and the keyring.

    Emits `saved` with its name.
    """

    saved = Signal(str)

    def __init__(
        self, servers: Servers, edited: Server | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._servers, self._edited = servers, edited
        self.setWindowTitle(self.tr("Edit Server") if edited else self.tr("Add Server"))
        self.name, self.address = QLineEdit(self), QLineEdit(self)
        self.form = QFormLayout()
        self._add_rows()
        self.login = LoginFields(self.form, self)
        self.trust = TrustFields(self.form, self)
        self.test = QPushButton(theme.icon("shield-check"), self.tr("Test C&onnection"), self)
        self.found = DiagnosticList(self.tr("What the test found"), self)
        self.buttons = QDialogButtonBox(self)
        self.save = self.buttons.addButton(QDialogButtonBox.StandardButton.Save)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._lay_out()
        self._fill(edited)
        self._connect()
        self._on_edited()

    def _add_rows(self) -> None:
        self.name.setMaxLength(80)
        self.address.setPlaceholderText("http://192.168.1.20:8188")
        set_tip(
            self.address, self.tr("A token or password that stands in it is moved to the login.")
        )
        for text, field in (
            (self.tr("&Name"), self.name),
            (self.tr("&Address"), self.address),
        ):
            label = PlainLabel(text, self)
            label.setBuddy(field)
            field.setAccessibleName(text.replace("&", ""))
            self.form.addRow(label, field)

    def _lay_out(self) -> None:
        self.test.setAutoDefault(False)
        self.found.setMinimumHeight(theme.spacing(self, 36))
        policy = QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow
        self.form.setFieldGrowthPolicy(policy)
        row = QHBoxLayout()
        row.addWidget(self.test)
        row.addStretch(1)
        page = QWidget(self)
        inner = QVBoxLayout(page)
        inner.addLayout(self.form)
        inner.addLayout(row)
        inner.addWidget(self.found, 1)
        area = QScrollArea(self)  # on a small screen, or with large letters
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.addWidget(area, 1)
        column.addWidget(self.buttons)
        side = theme.spacing(self, 4)
        theme.open_at(self, side * 40, side * 42)

    def _fill(self, server: Server | None) -> None:
        if server is not None:
            self.name.setText(server.name)
            self.address.setText(server.url)
            self.login.show_login(server.login, server.user, server.headers)
            self.trust.show_trust(
                server.fingerprint, server.ca_file, allows_plain=server.allows_plain
            )
            self._servers.look_for_secret(server, self._on_place)

    def _on_place(self, where: str) -> None:
        if isValid(self.login):  # the form may be closed and gone by now
            self.login.show_place(where)

    def _connect(self) -> None:
        for field in (self.name, self.address):
            field.textChanged.connect(self._on_edited)
        self.login.changed.connect(self._on_edited)
        self.trust.changed.connect(self._on_edited)
        self.trust.pinned.connect(self._on_test)
        self.address.editingFinished.connect(self._take_apart)
        self.test.clicked.connect(self._on_test)
        self.buttons.accepted.connect(self._on_save)
        self.buttons.rejected.connect(self.reject)

    # what was entered

    def _take_apart(self) -> None:
        """Normalize the address; a login in it moves to the login fields."""
        try:
            found = parse_address(self.address.text())
        except ServerAddress:
            return  # said when it is tested or saved
        self.address.setText(found.url)
        if found.login is not Login.NONE:
            self.login.take(found)

    def _server(self) -> Server:
        """The server as entered. Raises ServerAddress."""
        self._take_apart()
        url = parse_address(self.address.text()).url
        trust, is_https = self.trust, url.startswith("https:")
        server = Server(
            name=self.name.text().strip() or parse_address(url).url.partition("://")[2],
            url=url,
            login=self.login.login,
            user=self.login.user_name,
            headers=self.login.header_names,
            fingerprint=trust.fingerprint if is_https else "",
            ca_file=trust.ca_file.text().strip() if is_https else "",
            allows_plain=trust.allow.isChecked() and is_public(url) and not is_https,
            is_on=self._edited.is_on if self._edited else True,
        )
        usable_url(server)
        return server

    def _objection(self, server: Server) -> str:
        """A further error of the entries; "" if there is none."""
        others = [s.name for s in self._servers.all if s is not self._edited]
        if not is_name(server.name):
            return self.tr("This cannot be its name: enter 1 to 80 letters, all of them visible.")
        if server.name.casefold() in [name.casefold() for name in others]:
            return self.tr("Another server has this name: enter another one.")
        if not all(is_header(name) for name in server.headers):
            return self.tr("This cannot be a header: its name has letters, digits and hyphens.")
        return ""

    @Slot()
    def _on_edited(self) -> None:
        text = self.address.text().strip()
        try:
            url = parse_address(text).url if text else ""
        except ServerAddress:
            url = ""
        self.trust.show_for(url)
        self.save.setEnabled(bool(text))
        self.test.setEnabled(bool(text) and not self._is_testing)

    # testing

    _is_testing = False

    @Slot()
    def _on_test(self) -> None:
        server = self._checked()
        if server is not None:
            self._set_testing(is_testing=True)
            self.trust.offer_certificate("")
            self._show(
                Diagnostic("info", self.tr("Asking {address}…").replace("{address}", server.url))
            )
            self._servers.test(server, self.login.secrets, self._on_found, self._on_failed)

    def _checked(self) -> Server | None:
        """The server as entered; None with a message when it is not valid."""
        try:
            server = self._server()
        except ServerAddress as error:
            self._show(*server_words.trouble(error))
            return None
        objection = self._objection(server)
        if objection:
            self._show(Diagnostic("error", objection))
        return None if objection else server

    def _set_testing(self, *, is_testing: bool) -> None:
        self._is_testing = is_testing
        self._on_edited()

    def _on_found(self, report: ServerReport) -> None:
        self._show(*server_words.findings(report))
        self._set_testing(is_testing=False)

    def _on_failed(self, error: EngineError) -> None:
        self._show(*server_words.trouble(error))
        if isinstance(error, ServerCertificate) and error.reason != "ca_file":
            self.trust.offer_certificate(error.fingerprint)
        self._set_testing(is_testing=False)

    def _show(self, *findings: Diagnostic) -> None:
        self.found.set_findings(findings)

    # saving

    @Slot()
    def _on_save(self) -> None:
        server = self._checked()
        if server is None:
            self.address.setFocus()
            return
        self._servers.put(server, self.login.secrets, instead=self._edited)
        self.saved.emit(server.name)
        self.accept()

    def done(self, result: int) -> None:
        """Close; cancels a test that still runs."""
        self._servers.stop_test()
        super().done(result)
