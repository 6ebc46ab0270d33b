"""Keeps the bar of the split view in step with what stands at its sides."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu

from app.view.compare import Comparison
from app.view.view_options import ViewOptions
from widgets.split_bar import SplitBar


class SplitSides(SplitBar):
    """Over the picture while it is split, so that the view does not move."""

    def __init__(self, comparing: Comparison, view_options: ViewOptions) -> None:
        super().__init__()
        self._comparing, self._view_options = comparing, view_options
        self.left_chosen.connect(comparing.choose_left)
        self.right_chosen.connect(comparing.choose_right)
        comparing.changed.connect(self._show)
        view_options.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        sides = self._comparing
        self.set_sides(sides.lefts(), sides.left, sides.rights(), sides.right)
        self.setVisible(self._view_options.is_split)


class SplitMenu(QMenu):
    """The same choice by the menu bar; it turns the split view on."""

    def __init__(self, comparing: Comparison, view_options: ViewOptions, parent: QMenu) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("&Compare"))
        self._comparing, self._view_options = comparing, view_options
        self.aboutToShow.connect(self._list)

    @Slot()
    def _list(self) -> None:
        self.clear()
        sides = self._comparing
        self.addSection(self.tr("Left"))
        for name, text in sides.lefts():
            self._add(text, sides.left == name, lambda name=name: sides.choose_left(name))
        self.addSection(self.tr("Right"))
        for name, text in sides.rights():
            self._add(text, sides.right == name, lambda name=name: sides.choose_right(name))

    def _add(self, text: str, shown: bool, choose: Callable[[], None]) -> None:
        action = self.addAction(text, choose)
        action.triggered.connect(self._view_options.split)
        action.setCheckable(True)
        action.setChecked(shown)
