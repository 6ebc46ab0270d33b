"""`lacuna [files]` opens windows; the commands of app/cli work without one."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.cli.commands import is_command
from app.headless import has_display

HOST_OPTION = "--engine-host"  # of the packaged program: be its engine process, without Qt
NO_DISPLAY = """lacuna: there is no display here for a window. Without one these work:
  lacuna remove photo.jpg --point 820,460 -o clean.jpg
  lacuna --help
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == [HOST_OPTION]:
        from engine.local.process import worker_main

        return worker_main.main(arguments[1:])
    if arguments and is_command(arguments[0]):
        from app.cli import main as cli

        return cli.run(arguments, self_test=_self_test)
    new_window = "--new-window" in arguments
    files = [Path(name) for name in arguments if not name.startswith("-")]
    unknown = [name for name in arguments if name.startswith("-") and name != "--new-window"]
    if unknown:
        sys.stderr.write(f"lacuna: no such option: {unknown[0]}; try lacuna --help\n")
        return 2
    if not (has_display() or os.environ.get("QT_QPA_PLATFORM")):
        if files and not files[0].exists():
            sys.stderr.write(f"lacuna: no command and no file: {files[0]}; try lacuna --help\n")
            return 2
        sys.stderr.write(NO_DISPLAY)
        return 1
    from app.application import start

    return start.run(files, new_window=new_window)


def _self_test(target: str) -> int:
    from app import selftest

    return selftest.run(target)


if __name__ == "__main__":
    if getattr(sys, "frozen", False):  # a child of the packaged program begins here, too
        from multiprocessing import freeze_support

        freeze_support()
    raise SystemExit(main())
