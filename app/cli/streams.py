"""Pictures of the standard input and output, which go by the name `-`."""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.cli.exit_codes import UsageError
from app.cli.inputs import STANDARD_INPUT, STREAM
from app.commands.files import open_picture
from app.commands.outputs import WrittenFile
from app.document.document import Document
from engine.errors import ImageUnwritable
from engine.image_io.formats import named
from engine.image_io.limits import Limits
from engine.image_io.reader import read_bytes


def check_streams(output: Path, *, report: str | None, variants: int) -> None:
    """Raises UsageError where more than one thing would go to the standard output."""
    if output != STREAM:
        return
    if report == str(STREAM):
        raise UsageError("picture and report cannot both go to the standard output")
    if variants > 1:
        raise UsageError(f"- takes one picture, and these are {variants} variants")
    if sys.stdout.isatty():
        raise UsageError("-o - writes a picture, and the standard output is a terminal")


def open_input(path: Path, limits: Limits) -> Document:
    """The picture of a file or of the standard input. Raises FileErrors."""
    if path != STREAM:
        return open_picture(path, limits)
    content = sys.stdin.buffer.read(limits.file + 1)
    return Document.from_picture(read_bytes(content, STANDARD_INPUT, limits))


def write_to_stream(format: str, write: Callable[[Path], list[WrittenFile]]) -> list[WrittenFile]:
    """Let `write` make a file of this format, and send it on. Raises as `write`."""
    with tempfile.TemporaryDirectory(prefix="lacuna-") as folder:
        written = write(Path(folder) / f"picture{named(format).extensions[0]}")
        try:
            sys.stdout.buffer.write(written[0].path.read_bytes())
            sys.stdout.buffer.flush()
        except OSError as error:
            raise ImageUnwritable(STREAM, "pipe") from error
    report = written[0].report and replace(written[0].report, output=str(STREAM))
    return [replace(written[0], path=STREAM, report=report)]
