"""Plants one-line faults in a copy of the tree, one at a time, and says which the tests catch.

    python -m tests.bench.seeded_faults            # all of them
    python -m tests.bench.seeded_faults png ring   # those whose name holds one of the words

A fault that no test notices is a hole in the suite: the exit code is 1. The copy is a git work
tree of the last commit in a temporary folder. A text to replace must stand exactly once in its
file: when the code moves on, the script stops, and the fault wants a new line.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.seeded_fault_list import FAULTS, Fault

ROOT = Path(__file__).resolve().parents[2]
CAUGHT, PASSED = 1, 0  # pytest: some failed, none failed
LIMIT_S = 900


class NotPlantable(Exception):
    """The text stands nowhere, or more than once."""


@contextmanager
def copied(root: Path, commit: str = "HEAD") -> Iterator[Path]:
    """A work tree of a commit, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="seeded-") as folder:
        tree = Path(folder) / "tree"
        git = ("git", "-C", str(root), "worktree")
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def planted(text: str, fault: Fault) -> str:
    """The file's text with the fault in it; raises NotPlantable."""
    if (found := text.count(fault.text)) != 1:
        raise NotPlantable(f"{fault.file}: {fault.text!r} stands there {found} times")
    return text.replace(fault.text, fault.replacement)


def is_caught(tree: Path, fault: Fault) -> bool:
    """Whether the fault's tests fail with it. Raises NotPlantable, also where no test ran."""
    file = tree / fault.file
    before = file.read_text(encoding="utf-8")
    file.write_text(planted(before, fault), encoding="utf-8")
    try:
        code = run(tree, fault.tests.split())
    finally:
        file.write_text(before, encoding="utf-8")
    if code not in (CAUGHT, PASSED):
        raise NotPlantable(f"{fault.file}: pytest {fault.tests} ended with {code}")
    return code == CAUGHT


def run(tree: Path, tests: Sequence[str]) -> int:
    """Pytest's exit code; one that hangs has noticed, too."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, check=False, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return CAUGHT
    return done.returncode


def report(
    tree: Path, faults: Sequence[Fault], placed: Callable[[Path, Fault], Fault] | None = None
) -> int:
    """Print a line for each fault and the sum; returns the exit code."""
    caught = 0
    for fault in faults:
        start_s = time.monotonic()
        noticed = is_caught(tree, placed(tree, fault) if placed else fault)
        caught += noticed
        word = "caught" if noticed else "MISSED"
        print(
            f"{word}  {fault.name:<26} {fault.file}  {time.monotonic() - start_s:.0f} s", flush=True
        )
    print(f"caught {caught} of {len(faults)} planted")
    return 0 if caught == len(faults) else 1


def main(words: Sequence[str]) -> int:
    chosen = [each for each in FAULTS if not words or any(word in each.name for word in words)]
    with copied(ROOT) as tree:
        return report(tree, chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
