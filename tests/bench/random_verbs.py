"""Random verbs on sessions: the same bytes with and without saving, opening and recovering.

    python -m tests.bench.random_verbs [seeds] [steps]      (6 and 500)

Two sessions do each script, one of them interrupted; with the first seed a window does it, too.
Prints a line for each seed and ends with code 1 at the first difference.
"""

import os
import secrets
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LACUNA_HOME"] = tempfile.mkdtemp()

from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QApplication

from app import paths
from app.services.preferences import Preferences
from app.window.editor import Editor
from app.window.main_window import MainWindow
from engine.jobs.fake import FakeBackend
from tests.app.support.painters import engines_with
from tests.app.support.random_verbs import picture_files, play, script
from tests.app.support.verb_player import (
    MODELS_AT_HAND,
    Player,
    session_player,
    spin,
    window_player,
)
from widgets.theme.theme import Theme


def window(app: QApplication) -> Editor:
    """An editor on the fake engine, shown."""
    shell = MainWindow(QSettings(str(paths.config_dir() / "w.ini"), QSettings.Format.IniFormat))
    preferences = Preferences(paths.config_dir() / "settings.json")
    engines = engines_with(MODELS_AT_HAND)
    editor = Editor(shell, preferences, Theme(app), FakeBackend, engines=engines, local=FakeBackend)
    shell.fill(editor, editor.docks.arrange)
    shell.show()
    spin(100)
    return editor


def run(players: list[Player], seed: int, steps: int) -> None:
    start_s = time.time()
    for player in players[1:]:
        player.is_interrupted = True
    play(players, script(seed, steps))
    failures = sorted({each.partition("(")[0] for player in players for each in player.failures})
    kills = sum(player.kills for player in players)
    displaced = sum(len(player.displaced) for player in players)
    names = ", ".join(player.name for player in players)
    print(
        f"seed {seed}: {steps} steps by {names} give the same bytes; {kills} recoveries, "
        f"{displaced} files for other windows, refused: {failures}, {time.time() - start_s:.0f} s",
        flush=True,
    )


def main(seeds: int, steps: int) -> None:
    app, owner = QApplication([]), QObject()
    secrets.randbelow = lambda exclusive_upper_bound: 5
    for seed in range(1, seeds + 1):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            pictures = picture_files(folder)
            players = [
                stack.enter_context(closing(session_player(owner, name, folder, pictures)))
                for name in ("one session", "an interrupted one")
            ]
            if seed == 1:
                players.append(window_player(window(app), "a window", folder, pictures))
            run(players, seed, steps)
    os._exit(0)


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] + ["6", "500"][len(sys.argv) - 1 :])))
