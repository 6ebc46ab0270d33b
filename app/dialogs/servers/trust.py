"""The certificate fields in the form of a server: system CAs, CA file, pinned fingerprint, http."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.comfy.server.address import is_public
from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme


class TrustFields(QObject):
    """Shows the rows for the scheme of the address: certificates of https, or the risk of http.

    Emits `changed` on every edit, `pinned` when the user trusts a certificate that was shown.
    """

    changed = Signal()
    pinned = Signal()

    def __init__(self, form: QFormLayout, parent: QWidget) -> None:
        super().__init__(parent)
        self._form, self._parent = form, parent
        self.fingerprint = self._offered = ""
        self.pin = QWidget(parent)
        self.pin_text = _words(parent)
        self.forget = QPushButton(self.tr("For&get It"), parent)
        self.offer = QWidget(parent)
        self.offer_text = _words(parent)
        self.trust = QPushButton(
            theme.icon("shield-check"), self.tr("T&rust This Certificate"), parent
        )
        self.authority = QWidget(parent)
        self.ca_file = QLineEdit(parent)
        self.choose = QPushButton(theme.icon("folder-open"), self.tr("C&hoose…"), parent)
        self.plain = QWidget(parent)
        self.allow = QCheckBox(self.tr("Allow http &without encryption"), parent)
        self._add_rows()
        self._connect()

    def _add_rows(self) -> None:
        _column(self.pin, self.pin_text, self.forget)
        _column(self.offer, self.offer_text, self.trust)
        row = QHBoxLayout(self.authority)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.ca_file, 1)
        row.addWidget(self.choose)
        label = PlainLabel(self.tr("Authority &file"), self._parent)
        label.setBuddy(self.ca_file)
        self.ca_file.setAccessibleName(self.tr("Authority file"))
        self.ca_file.setPlaceholderText(self.tr("Those of the system are known"))
        set_tip(
            self.ca_file, self.tr("A PEM file with the certificate of whoever signed the server's.")
        )
        reason = _words(self._parent)
        reason.setText(
            self.tr(
                "This is a public address: on the way there, strangers can read the login, the "
                "prompts and the pictures, and change what comes back."
            )
        )
        self.allow.setAccessibleDescription(reason.text())
        _column(self.plain, self.allow, reason)
        self._form.addRow(self.tr("Certificate"), self.pin)
        self._form.addRow(self.tr("Certificate shown"), self.offer)
        self._form.addRow(label, self.authority)
        self._form.addRow("", self.plain)

    def _connect(self) -> None:
        for button in (self.forget, self.trust, self.choose):
            button.setAutoDefault(False)
        self.forget.clicked.connect(self._on_forget)
        self.trust.clicked.connect(self._on_trust)
        self.choose.clicked.connect(self._on_choose)
        self.ca_file.textChanged.connect(self.changed)
        self.allow.toggled.connect(self.changed)

    def show_trust(self, fingerprint: str, ca_file: str, *, allows_plain: bool) -> None:
        """Show the stored settings."""
        self.ca_file.setText(ca_file)
        self.allow.setChecked(allows_plain)
        self._pin(fingerprint)

    def show_for(self, url: str) -> None:
        """Show the rows for this address; "" while there is none."""
        is_https = url.startswith("https:")
        self._form.setRowVisible(self.pin, is_https and bool(self.fingerprint))
        self._form.setRowVisible(self.offer, is_https and bool(self._offered))
        self._form.setRowVisible(self.authority, is_https and not self.fingerprint)
        self._form.setRowVisible(self.plain, url.startswith("http:") and is_public(url))

    def offer_certificate(self, fingerprint: str) -> None:
        """Offer to trust the fingerprint that the server sent; "" withdraws the offer."""
        self._offered = fingerprint
        text = self.tr(
            "sha256\n{fingerprint}\nWhoever holds its key can answer in the place of the server. "
            "Trust it only if its owner, or the machine itself, names the same fingerprint."
        )
        self.offer_text.setText(text.replace("{fingerprint}", _in_lines(fingerprint)))

    def _pin(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        text = self.tr("Only this one is trusted, sha256\n{fingerprint}")
        self.pin_text.setText(text.replace("{fingerprint}", _in_lines(fingerprint)))

    @Slot()
    def _on_trust(self) -> None:
        self._pin(self._offered)
        self.offer_certificate("")
        self.changed.emit()
        self.pinned.emit()

    @Slot()
    def _on_forget(self) -> None:
        self._pin("")
        self.changed.emit()
        self.ca_file.setFocus()

    @Slot()
    def _on_choose(self) -> None:
        dialog = QFileDialog(self._parent, self.tr("Authority file"), str(Path.home()))
        dialog.setNameFilters(
            [self.tr("Certificates") + " (*.pem *.crt *.cer)", self.tr("All files") + " (*)"]
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.ca_file.setText)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def _in_lines(fingerprint: str) -> str:
    """Break a fingerprint into two lines: one would be wider than the form."""
    half = (len(fingerprint) + 1) // 2
    return "\n".join(plain(part) for part in (fingerprint[:half], fingerprint[half:]) if part)


def _words(parent: QWidget) -> QLabel:
    label = PlainLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _column(box: QWidget, *parts: QWidget) -> None:
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        stays_narrow = isinstance(part, QPushButton)
        column.addWidget(
            part, 0, Qt.AlignmentFlag.AlignLeft if stays_narrow else Qt.AlignmentFlag(0)
        )
