"""Whatever the keyboard reaches has a name that a screen reader can say."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QScrollBar, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from app.dialogs.about import AboutDialog
from app.dialogs.export.dialog import ExportDialog
from app.dialogs.settings import SettingsDialog
from app.dialogs.shortcuts import ShortcutsDialog
from app.services.preferences import Preferences
from engine.picture import Picture
from widgets.empty_state import EmptyState, RecentFile
from widgets.fields.fields import SeedField
from widgets.lists.history_list import HistoryList
from widgets.lists.mask_list import MaskList
from widgets.lists.task_row import TaskRow
from widgets.lists.variant_strip import VariantStrip
from widgets.message_bar import MessageBar, Notice
from widgets.status_items import ZoomButton


def _export(preferences: Preferences) -> QWidget:
    picture = Picture(pixels=np.zeros((9, 9, 3), np.uint8))
    return ExportDialog(picture, Path("a.png"), preferences, estimate=lambda *_: None)


def _welcome(_: Preferences) -> QWidget:
    page = EmptyState()
    page.set_recent([RecentFile("a", "a.png", "/")])
    return page


def _message(_: Preferences) -> QWidget:
    bar = MessageBar()
    bar.show_notice(Notice(kind="info", title="Hello", actions=(("a", "Answer"),)))
    return bar


VIEWS: dict[str, Callable[[Preferences], QWidget]] = {
    "settings": SettingsDialog,
    "shortcuts": ShortcutsDialog,
    "export": _export,
    "about": lambda _: AboutDialog(),
    "welcome": _welcome,
    "message": _message,
    "masks": lambda _: MaskList(),
    "variants": lambda _: VariantStrip(),
    "history": lambda _: HistoryList(),
    "task": lambda _: TaskRow("Remove"),
    "seed": lambda _: SeedField("Seed"),
    "zoom": lambda _: ZoomButton(),
}


def reached(view: QWidget) -> list[QWidget]:
    """What takes the focus by Tab; parts of Qt's own compound widgets are theirs to name."""
    found = [view, *view.findChildren(QWidget)]
    inner = (QScrollBar, QTabBar)
    return [
        widget
        for widget in found
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.window() is view  # not the list that a combo box drops down
        and not isinstance(widget, inner)
        and not widget.objectName().startswith("qt_")
    ]


@pytest.mark.parametrize("name", VIEWS)
def test_everything_that_takes_the_focus_has_a_name(
    name: str, tmp_path: Path, qtbot: QtBot
) -> None:
    view = VIEWS[name](Preferences(tmp_path / "settings.json"))
    qtbot.addWidget(view)
    view.show()
    widgets = reached(view)
    assert widgets
    for widget in widgets:
        interface = QAccessible.queryAccessibleInterface(widget)
        spoken = interface.text(QAccessible.Text.Name)
        assert spoken.strip(), f"{type(widget).__name__} {widget.objectName()} in {name}"
