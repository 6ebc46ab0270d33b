"""Events of a pen, as a tablet driver sends them."""

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtWidgets import QApplication, QWidget

Button = Qt.MouseButton


def device(kind: QPointingDevice.PointerType) -> QPointingDevice:
    return QPointingDevice(
        "tablet",
        7,
        QInputDevice.DeviceType.Stylus,
        kind,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
        1,
        2,
        "",
        QPointingDeviceUniqueId(),
    )


PEN = device(QPointingDevice.PointerType.Pen)
ERASER = device(QPointingDevice.PointerType.Eraser)


def send(
    widget: QWidget,
    kind: QEvent.Type,
    position: tuple[float, float],
    *,
    pressure: float = 0.5,
    button: Qt.MouseButton = Button.LeftButton,
    tip: QPointingDevice = PEN,
    timestamp_ms: int = 1000,
) -> QTabletEvent:
    at = QPointF(*position)
    event = QTabletEvent(
        kind,
        tip,
        at,
        QPointF(widget.mapToGlobal(at.toPoint())),
        pressure,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        Qt.KeyboardModifier.NoModifier,
        button,
        button,
    )
    event.setTimestamp(timestamp_ms)
    QApplication.sendEvent(widget, event)
    return event
