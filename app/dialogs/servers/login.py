"""The login fields in the form of a server: none, password, token or header."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from engine.comfy.server.address import Login, ParsedAddress
from widgets.fields.wheel_guard import GuardedCombo
from widgets.lists.secret_rows import SecretRows
from widgets.plain_widgets import PlainLabel


class LoginFields(QObject):
    """Shows the rows of the chosen kind of login. Emits `changed` on every edit.

    Stored secrets are never shown: an empty field leaves the stored one.
    """

    changed = Signal()

    def __init__(self, form: QFormLayout, parent: QWidget) -> None:
        super().__init__(parent)
        self._form = form
        self.kind = GuardedCombo(parent)
        self.token, self.user, self.password = (QLineEdit(parent) for _ in range(3))
        self.headers = SecretRows(self.tr("A&dd Header"), parent)
        self.place = PlainLabel(parent)
        self._add_rows(parent)
        self.kind.currentIndexChanged.connect(self._on_kind)
        for field in (self.token, self.user, self.password):
            field.textChanged.connect(self.changed)
        self.headers.changed.connect(self.changed)
        self.show_place("")
        self._on_kind()

    def _add_rows(self, parent: QWidget) -> None:
        for login, text in (
            (Login.NONE, self.tr("None")),
            (Login.BEARER, self.tr("Token")),
            (Login.BASIC, self.tr("User and password")),
            (Login.HEADER, self.tr("Headers of your own")),
        ):
            self.kind.addItem(text, login)
        for field in (self.token, self.password):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        self.place.setTextFormat(Qt.TextFormat.PlainText)
        self.place.setProperty("role", "muted")
        self.place.setWordWrap(True)
        self._row(self.tr("&Login"), self.kind, parent)
        self._row(self.tr("&Token"), self.token, parent)
        self._row(self.tr("&User"), self.user, parent)
        self._row(self.tr("&Password"), self.password, parent)
        self._row(self.tr("Headers"), self.headers, parent)
        self._form.addRow("", self.place)

    def _row(self, text: str, field: QWidget, parent: QWidget) -> None:
        label = PlainLabel(text, parent)
        label.setBuddy(field)
        field.setAccessibleName(text.replace("&", ""))
        self._form.addRow(label, field)

    # what is chosen

    @property
    def login(self) -> Login:
        return self.kind.currentData()

    @property
    def user_name(self) -> str:
        return self.user.text().strip() if self.login is Login.BASIC else ""

    @property
    def header_names(self) -> tuple[str, ...]:
        return self.headers.names if self.login is Login.HEADER else ()

    @property
    def secrets(self) -> dict[str, str]:
        """Typed secrets as engine/comfy/server/logins.py stores them; {} leaves those stored."""
        match self.login:
            case Login.NONE:
                return {}
            case Login.BEARER:
                return _typed({"": self.token.text().strip()})
            case Login.BASIC:
                return _typed({"": self.password.text()})
            case Login.HEADER:
                return dict(self.headers.values)

    # what is shown

    def show_login(self, login: Login, user: str = "", headers: tuple[str, ...] = ()) -> None:
        """Show a stored login without its secrets."""
        self.user.setText(user)
        self.headers.set_names(headers, self._kept_hint())
        self.kind.setCurrentIndex(self.kind.findData(login))

    def take(self, address: ParsedAddress) -> None:
        """Take the login that was part of an address."""
        self.show_login(address.login, address.user)
        secret = address.secret.reveal() if address.secret else ""
        field = self.token if address.login is Login.BEARER else self.password
        field.setText(secret)

    def show_place(self, where: str) -> None:
        """Name the place of the secrets: environment, keyring, session; "" = none is stored."""
        self.place.setText(self._place(where))
        hint = self._kept_hint() if where else ""
        for field in (self.token, self.password):
            field.setPlaceholderText(hint)

    def _kept_hint(self) -> str:
        return self.tr("Kept; type another to replace it")

    def _place(self, where: str) -> str:
        return {
            "environment": self.tr("The token of the environment is used: LACUNA_COMFY_TOKEN."),
            "keyring": self.tr("It is kept in the keyring of your system."),
            "session": self.tr("It is kept for this session only: there is no keyring here."),
        }.get(where, self.tr("It will be kept in the keyring of your system, if there is one."))

    def _on_kind(self) -> None:
        rows: Mapping[QWidget, bool] = {
            self.token: self.login is Login.BEARER,
            self.user: self.login is Login.BASIC,
            self.password: self.login is Login.BASIC,
            self.headers: self.login is Login.HEADER,
            self.place: self.login is not Login.NONE,
        }
        for field, is_seen in rows.items():
            self._form.setRowVisible(field, is_seen)
        self.changed.emit()


def _typed(secrets: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in secrets.items() if value}
