"""The list of diagnostics: one line each, with its symbol."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

from widgets.lists.diagnostics import Diagnostic, Kind
from widgets.plain_text import plain
from widgets.theme import theme

SCHEME = "https://"  # links to anything else are left out
ICONS: dict[Kind, str] = {
    "info": "info",
    "success": "circle-check",
    "warning": "triangle-alert",
    "error": "circle-alert",
}


class DiagnosticList(QTextBrowser):
    """Shows findings as text that can be selected and read aloud; decides nothing."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._findings: tuple[Diagnostic, ...] = ()
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setOpenExternalLinks(True)

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        return self._findings

    def set_findings(self, findings: Sequence[Diagnostic]) -> None:
        """Show these instead; where it was scrolled to stays when nothing changed."""
        if tuple(findings) != self._findings:
            self._findings = tuple(findings)
            self._render()

    def _render(self) -> None:
        self.setHtml("".join(self._row(finding) for finding in self._findings))

    def _row(self, finding: Diagnostic) -> str:
        """A table of one line: its text begins beside the symbol also where it is broken."""
        side, gap = theme.spacing(self, 4), theme.spacing(self, 2)
        text = f"<br>{_safe(finding.text)}" if finding.text else ""
        links = "".join(f"<br>{_link(page)}" for page in finding.links if page.startswith(SCHEME))
        symbol = self._symbol(finding.kind, side)
        return (
            f'<table cellspacing="0" cellpadding="{gap // 2}"><tr>'
            f'<td><img src="{symbol}" width="{side}" height="{side}"></td>'
            f"<td>{_safe(finding.title)}{text}{links}</td></tr></table>"
        )

    def _symbol(self, kind: Kind, side: int) -> str:
        color = getattr(theme.colors_of(self.palette()), kind)
        pixmap = theme.tinted(ICONS[kind], color, side, self.devicePixelRatioF())
        name = f"symbol:{kind}"
        self.document().addResource(
            QTextDocument.ResourceType.ImageResource, QUrl(name), pixmap.toImage()
        )
        return name

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and self._findings:
            self._render()


def _link(page: str) -> str:
    return f'<a href="{escape(page, quote=True)}">{_safe(page)}</a>'


def _safe(text: str) -> str:
    return escape(plain(text))
