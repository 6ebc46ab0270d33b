"""The tool bar at the left and the options bar of the current tool at the top."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolBar, QWidget

from app.actions.action import words
from app.actions.qt_actions import QtActions
from app.actions.tools import TOOL
from app.panels.selection import ModeButtons, button_of
from app.session.click_selector import ClickSelector
from app.tools.tools import Tools
from widgets.fields.fields import LabeledSlider, Switch
from widgets.plain_widgets import ElidedLabel, PlainLabel
from widgets.theme import theme

TOOL_IDS = (
    "tool.object",
    "tool.brush",
    "tool.eraser",
    "tool.lasso",
    "tool.polygon",
    "tool.rectangle",
    "tool.wand",
    "tool.hand",
    "tool.zoom",
)

PAGES = {"brush": "brush", "eraser": "brush", "wand": "wand", "hand": "plain", "zoom": "plain"}


def make_tool_bar(actions: QtActions, parent: QWidget) -> QToolBar:
    """A tool bar with all tools."""
    bar = QToolBar(parent)
    bar.setObjectName("ToolBar")
    bar.setWindowTitle(QCoreApplication.translate("ToolBar", "Tools"))
    bar.setMovable(False)
    bar.setIconSize(theme.icon_size(parent, 5))
    for name in TOOL_IDS:
        if name in ("tool.brush", "tool.hand"):
            bar.addSeparator()
        bar.addAction(actions[name])
    return bar


class _Pages(QStackedWidget):
    """Gives way where a window is narrow: what follows in the bar stays in sight."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())


class OptionsPage(QWidget):
    """Fields in a row; where they do not fit, the sliders among them are boxes alone."""

    def __init__(self, fields: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self._fields = fields
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.spacing(self, 3))
        for field in fields:
            row.addWidget(field, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        sliders = [each for each in self._fields if isinstance(each, LabeledSlider)]
        others = [each.sizeHint().width() for each in self._fields if each not in sliders]
        gaps_px = theme.spacing(self, 3) * len(self._fields)
        needed_px = sum(each.line_px for each in sliders) + sum(others) + gaps_px
        for slider in sliders:
            slider.set_folded(self.width() < needed_px)


class OptionsBar(QToolBar):
    """One page of options for each kind of tool; undo, compare and export at its end."""

    def __init__(
        self, tools: Tools, click_selector: ClickSelector, actions: QtActions, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("OptionsBar")
        self.setWindowTitle(self.tr("Tool options"))
        self.setMovable(False)
        self.setIconSize(theme.icon_size(parent))
        self._tools, self._actions = tools, actions
        self._name = PlainLabel(self)
        self._name.setProperty("role", "heading")
        self._pages = _Pages(self)
        self._fields: dict[str, LabeledSlider] = {}
        self._click_selector = click_selector
        self._indices = {
            "brush": self._pages.addWidget(self._brush_page()),
            "wand": self._pages.addWidget(self._wand_page()),
            "mode": self._pages.addWidget(self._mode_page()),
            "plain": self._pages.addWidget(self._hint_page()),
        }
        self._fill()
        tools.chosen.connect(self._on_chosen)
        tools.options.changed.connect(self._on_options_changed)
        self._on_chosen(tools.name)

    def _fill(self) -> None:
        self.addWidget(self._name)
        self.addSeparator()
        self.addWidget(self._pages)
        for name in ("edit.undo", "edit.redo"):
            self.addAction(self._actions[name])
        self.addSeparator()
        for name in ("view.compare", "view.split"):
            self.addAction(self._actions[name])
        self.addSeparator()
        self.addWidget(button_of(self._actions["file.export"], self, text=True))

    def _brush_page(self) -> QWidget:
        options = self._tools.options
        return self._page(
            self._slider("radius_px", self.tr("Si&ze"), 1, 500, options.radius_px, self.tr(" px")),
            self._percent("hardness", self.tr("Har&dness"), options.hardness),
            self._percent("opacity", self.tr("O&pacity"), options.opacity),
            self._percent("smoothing", self.tr("Smoothing"), options.smoothing),
        )

    def _wand_page(self) -> QWidget:
        options = self._tools.options
        contiguous = Switch(self.tr("Contiguous"), value=options.contiguous)
        contiguous.changed.connect(lambda on: options.set("contiguous", on))
        return self._page(
            ModeButtons(options, self._click_selector, self),
            self._slider("tolerance", self.tr("&Tolerance"), 0, 128, options.tolerance, ""),
            contiguous,
        )

    def _mode_page(self) -> QWidget:
        self._hint = ElidedLabel(self)
        self._hint.setProperty("role", "muted")
        modes = ModeButtons(self._tools.options, self._click_selector, self)
        return self._page(modes, self._hint)

    def _hint_page(self) -> QWidget:
        self._plain_hint = ElidedLabel(self)
        self._plain_hint.setProperty("role", "muted")
        return self._page(self._plain_hint)

    def _page(self, *fields: QWidget) -> QWidget:
        return OptionsPage(fields, self)

    def _percent(self, name: str, label: str, value: float) -> LabeledSlider:
        return self._slider(name, label, 0, 100, value * 100, " %", scale=0.01)

    def _slider(
        self,
        name: str,
        label: str,
        low: float,
        high: float,
        value: float,
        suffix: str,
        *,
        scale: float = 1.0,
    ) -> LabeledSlider:
        slider = LabeledSlider(label, low, high, value=value, suffix=suffix, parent=self)
        slider.changed.connect(lambda value: self._tools.options.set(name, value * scale))
        slider.lay_in_line()
        slider.setMaximumWidth(
            max(theme.spacing(self, 56), slider.line_px + theme.spacing(self, 8))
        )
        slider.setProperty("unit", scale)
        self._fields[name] = slider
        return slider

    @Slot(str)
    def _on_options_changed(self, name: str) -> None:
        field = self._fields.get(name)
        if field is not None:
            field.set_value(getattr(self._tools.options, name) / field.property("unit"))

    @Slot(str)
    def _on_chosen(self, name: str) -> None:
        self._pages.setCurrentIndex(self._indices[PAGES.get(name, "mode")])
        action = self._actions[f"tool.{name}"]
        action.setChecked(True)
        self._name.setText(action.text().replace("&", ""))
        tip = next(words(row.tip) for row in TOOL if row.id == action.objectName())
        self._hint.set_whole(tip)
        self._plain_hint.set_whole(tip)
