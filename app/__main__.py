"""`lacuna [files]` opens windows; the verbs of app/cli/main.py work without one."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.headless import has_display

VERBS = ("remove", "select", "find", "paint", "run", "models", "server")
NO_DISPLAY = """lacuna: there is no display here for a window. Without one these work:
  lacuna remove photo.jpg --point 820,460 -o clean.jpg
  lacuna --help
"""
SWITCHES = ("-h", "--help", "--version", "--self-test")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0].split("=")[0] in (*VERBS, *SWITCHES):
        from app.cli import main as cli

        return cli.run(arguments)
    new_window = "--new-window" in arguments
    files = [Path(name) for name in arguments if not name.startswith("-")]
    unknown = [name for name in arguments if name.startswith("-") and name != "--new-window"]
    if unknown:
        sys.stderr.write(f"lacuna: no such option: {unknown[0]}; try lacuna --help\n")
        return 2
    if not (has_display() or os.environ.get("QT_QPA_PLATFORM")):
        sys.stderr.write(NO_DISPLAY)
        return 1
    from app.application import start

    return start.run(files, new_window=new_window)


if __name__ == "__main__":
    raise SystemExit(main())
