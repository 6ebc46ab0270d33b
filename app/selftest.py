"""`lacuna --self-test`: checks this installation; a JSON report, and 0 or 1 as exit code."""

import json
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app import paths

TIMEOUT_S = 60.0
PICTURE_COLORS = 2000  # a window has a few hundred, a photo in it many
PARTS = ("icons", "models.json", "sample.jpg", "selector.npz", "style.qss", "translations")

Facts = dict[str, Any]


def run(target: str) -> int:
    """Run all checks and write the report to a file, or to standard output for `-`."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    results = [_checked(name, check) for name, check in CHECKS.items()]
    ok = all(result["ok"] for result in results)
    text = json.dumps({"ok": ok, "checks": results}, indent=2) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="utf-8")
    for result in results:
        sys.stderr.write(f"{'ok    ' if result['ok'] else 'FAILED'} {result['name']}\n")
    return 0 if ok else 1


def _checked(name: str, check: Callable[[], Facts]) -> Facts:
    started_s = time.process_time()
    try:
        facts, ok = check(), True
    except Exception as error:  # noqa: BLE001 the report must say it, whatever it is
        facts, ok = {"error": repr(error), "traceback": traceback.format_exc()}, False
    cpu_s = round(time.process_time() - started_s, 3)
    return {"name": name, "ok": ok, "cpu_s": cpu_s, "facts": facts}


def _require(condition: object, problem: str) -> None:
    if not condition:
        raise RuntimeError(problem)


def _versions() -> Facts:
    import cv2
    import PIL
    import PySide6
    import scipy
    import skimage
    from PySide6.QtCore import qVersion

    from app.version import own_version

    modules = {"numpy": np, "opencv": cv2, "pillow": PIL, "scipy": scipy, "skimage": skimage}
    return {
        "lacuna": own_version(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "frozen": bool(getattr(sys, "frozen", False)),
        "qt": qVersion(),
        "pyside": PySide6.__version__,
        **{name: module.__version__ for name, module in modules.items()},
    }


def scene() -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """A generated picture `(H, W, 3) uint8`: an orange disc on a gradient with grain."""
    y, x = np.mgrid[:160, :220]
    background = np.stack((60 + x / 3, 110 + y / 4, 150 - x / 6), 2)
    background += np.random.default_rng(1).normal(0, 4, background.shape)
    background[np.hypot(x - 100, y - 80) < 24] = (240, 120, 20)
    return np.clip(background, 0, 255).astype(np.uint8)


def _formats() -> Facts:
    """Write and read every format."""
    from engine.image_io.formats import FORMATS
    from engine.image_io.reader import read_bytes
    from engine.image_io.writer import ExportOptions, encode
    from engine.picture import Picture

    found: Facts = {}
    for known in FORMATS:
        if known.writable:
            content = encode(Picture(pixels=scene()), ExportOptions(format=known.name))
            back = read_bytes(content, f"test.{known.name}").pixels.astype(int)
            off = float(np.abs(back - scene()).mean())
            _require(off < 12, f"{known.name} came back {off:.1f} levels off")
            found[known.name] = len(content)
    return found


def _kept_blocks() -> Facts:
    """Edit a JPEG in a process of its own: far from the edit every byte must stay."""
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    from engine.image_io.reader import read, read_bytes
    from engine.image_io.writer import ExportOptions, encode, write
    from engine.picture import Picture

    options = ExportOptions(format="jpeg")
    source = read_bytes(encode(Picture(pixels=scene()), options), "source.jpg")
    pixels = source.pixels.copy()
    pixels[70:90, 90:110] = 0
    with TemporaryDirectory() as folder:
        file = Path(folder) / "edited.jpg"
        write(replace(source, pixels=pixels), file, options, apart=True)
        after = read(file).pixels
    differs = (after != source.pixels).any(axis=2)
    differs[64:96, 88:112] = False
    _require(not differs.any(), "a JPEG changed far from its edit")
    return {"changed_px": int((after != source.pixels).any(axis=2).sum())}


def _removal() -> Facts:
    """Select, remove and export with the built-in engine."""
    from app.commands import recipe
    from app.document.document import Document
    from app.engines.runner import InlineRunner
    from engine.image_io.reader import read_bytes
    from engine.image_io.writer import ExportOptions, encode
    from engine.picture import Picture
    from engine.recipes.coordinates import Coordinate, PointCoordinates
    from engine.recipes.recipe import Recipe
    from engine.recipes.steps import RemoveStep, SelectStep

    options = ExportOptions(format="png")
    source = read_bytes(encode(Picture(pixels=scene()), options), "source.png")
    document = Document.from_picture(source)
    steps = (
        SelectStep(points=(PointCoordinates(Coordinate(100), Coordinate(80)),)),
        RemoveStep(seed=1),
    )
    done = recipe.apply(Recipe(steps=steps), document, InlineRunner(), _SilentJob(), "self-test")
    after = read_bytes(encode(document.picture(), options), "after.png").pixels
    facts = done.reports[-1].facts
    _require(facts["changed_outside_px"] == 0, "pixels changed outside the ring")
    _require(after[80, 100, 0] < 180, "the disc is still there")
    return facts


class _SilentJob:
    """A job context without display or cancel."""

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        """Ignore the progress."""


def _resources() -> Facts:
    missing = [part for part in PARTS if not paths.resource(part).exists()]
    _require(not missing, f"missing: {', '.join(missing)}")
    return {"icons": len(list(paths.resource("icons").glob("*.svg")))}


def _application() -> Any:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance() or QApplication(["lacuna"])


def _translations() -> Facts:
    from PySide6.QtCore import QTranslator

    _application()
    found: Facts = {}
    for path in sorted(paths.resource("translations").glob("*.qm")):
        translator = QTranslator()
        _require(translator.load(str(path)), f"{path.name} does not load")
        _require(not translator.isEmpty(), f"{path.name} is empty")
        found[path.stem] = path.stat().st_size
    _require(found, "no translations")
    return found


def _icons() -> Facts:
    """Check that every icon paints something."""
    from widgets.theme.theme import tinted

    _application()
    names = [path.stem for path in paths.resource("icons").glob("*.svg")]
    blank = [name for name in names if _colors(tinted(name, "#336699", 24).toImage()) < 2]
    _require(names, "no icons")
    _require(not blank, f"blank: {', '.join(blank)}")
    return {"icons": len(names)}


def _colors(image: Any) -> int:
    """The number of different pixels of an image."""
    from PySide6.QtGui import QImage

    plain = image.convertToFormat(QImage.Format.Format_ARGB32)
    return len(np.unique(np.frombuffer(plain.constBits(), np.uint32)))


def _window() -> Facts:
    """Open the real window on the sample picture, with LACUNA_HOME in a temporary folder."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        before = os.environ.get("LACUNA_HOME")
        os.environ["LACUNA_HOME"] = home
        try:
            return _window_in()
        finally:
            if before is None:
                del os.environ["LACUNA_HOME"]
            else:
                os.environ["LACUNA_HOME"] = before


def _window_in() -> Facts:
    from app.application.application import Application

    app = _application()
    program = Application(app)
    program.open_files([paths.resource("sample.jpg")])
    window = program.windows[0]
    _wait(app, lambda: _colors(window.grab().toImage()) > PICTURE_COLORS)
    image = window.grab().toImage()
    program.quit()
    program.close()
    return {"width": image.width(), "height": image.height(), "colors": _colors(image)}


def _socket() -> Facts:
    """Send a word through a local socket, as a second start does to the first."""
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

    app = _application()
    server = QLocalServer()
    _require(server.listen(f"lacuna-self-test-{os.getpid()}"), server.errorString())
    socket = QLocalSocket()
    socket.connectToServer(server.serverName())
    _require(socket.waitForConnected(5000), socket.errorString())
    socket.write(b"hello")
    _wait(app, server.hasPendingConnections)
    other = server.nextPendingConnection()
    _wait(app, lambda: other.bytesAvailable() >= 5)
    _require(bytes(other.readAll().data()) == b"hello", "the word did not arrive")
    socket.disconnectFromServer()
    server.close()
    return {}


def _wait(app: Any, done: Callable[[], bool]) -> None:
    end_s = time.monotonic() + TIMEOUT_S
    while not done():
        _require(time.monotonic() < end_s, f"nothing happened for {TIMEOUT_S:.0f} s")
        app.processEvents()


CHECKS: dict[str, Callable[[], Facts]] = {
    "versions": _versions,
    "formats": _formats,
    "kept blocks": _kept_blocks,
    "removal": _removal,
    "resources": _resources,
    "translations": _translations,
    "icons": _icons,
    "window": _window,
    "socket": _socket,
}
