"""Sets everything up on a fresh machine and goes: `python3 -m app.setup start|local|test|check`.

Standard library only: it runs before anything is installed. What it installs is pinned by hash in
requirements*.txt and goes to .venv in the checkout; nothing else on the machine is touched.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from app.headless import has_display

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
SAMPLE = ROOT / "resources" / "sample.jpg"
GB_PER_WORKER = 4  # what the tests of the local models take at most, with torch loaded
SAMPLE_FLOWER = "1970,1040"  # a seed head at the lower right of the sample
USAGE = "usage: python3 -m app.setup start [FILES] | local | test [PYTEST OPTIONS] | check"
SIZES = {  # what each asks for, on disk
    "requirements.txt": "some 700 MB",
    "requirements-local.txt": "some 6 GB, of which most is for NVIDIA cards",
    "requirements-dev.txt": "some 7 GB: the tests run the local models, too",
}
LIBRARIES = (
    "libegl1 libgl1 libglib2.0-0 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 "
    "libxcb-keysyms1 libxcb-shape0 libfontconfig1 libdbus-1-3"
)
# Qt finds its platform plug-in only when an application is made, and aborts where that fails.
PROBE = (
    "from PySide6.QtGui import QGuiApplication; from PySide6 import QtWidgets; QGuiApplication([])"
)


def main(arguments: list[str]) -> int:
    """Install what the word needs, then do it. Returns the exit code."""
    verbs = {"start": start, "local": local, "test": test, "check": check}
    if not arguments or arguments[0] not in verbs:
        print(USAGE, file=sys.stderr)
        return 2
    if sys.version_info < (3, 11):
        print("Lacuna needs Python 3.11 or newer; this is " + sys.version, file=sys.stderr)
        return 1
    try:
        return verbs[arguments[0]](arguments[1:])
    except subprocess.CalledProcessError as error:
        print(f"This step failed: {error.cmd}. Its output above says why.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def start(files: list[str]) -> int:
    """Open the editor on the sample picture or, without a display, do the main job on it."""
    install("requirements.txt")
    if has_display():
        if not window_opens():
            return 1
        return run("lacuna", *(files or [str(SAMPLE)]))
    target = ROOT / "build" / "sample-removed.png"
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    print("No display here: removing a seed head from the sample picture instead.")
    return run("lacuna", "remove", str(SAMPLE), "--point", SAMPLE_FLOWER, "-o", str(target))


def local(_options: list[str]) -> int:
    """Bring what runs models on this computer; `start` finds it from then on."""
    install("requirements-local.txt")
    print("Local models can be used now: start the editor, and see Tools > Models.")
    return 0


def test(options: list[str]) -> int:
    """Run the whole test suite, offscreen, a file at a time on every core.

    pytest's own options come last, so that `test -n 0 -k NAME` wins over what stands here.
    """
    install("requirements-dev.txt")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling all in every process is slow
    # in the order of the folders: by their number of tests, the slowest files would come last
    parallel = ("-n", str(workers()), "--dist", "loadfile", "--no-loadscope-reorder")
    return run("python", "-m", "pytest", *parallel, *options)


def check(_options: list[str]) -> int:
    """Format, lint, types, import contracts; the first that fails decides."""
    install("requirements-dev.txt")
    steps = (
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "."),
        ("basedpyright", "--pythonpath", str(executable("python"))),
        ("lint-imports",),
    )
    return max(run(*step) for step in steps)


def install(requirements: str) -> None:
    """Bring .venv to what the requirements file pins; does nothing when it is there already."""
    pinned = (ROOT / requirements).read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    wanted = hashlib.sha256(pinned + sys.version.encode()).hexdigest()
    stamp = VENV / f"{requirements}.sha256"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    size = SIZES[requirements]
    print(f"Installing what {requirements} pins into .venv ({size}) ...", flush=True)
    if not executable("python").exists():
        shutil.rmtree(VENV, ignore_errors=True)
        venv.create(VENV, with_pip=True)
    pip("install", "--require-hashes", "-r", requirements)
    pip("install", "--no-deps", "-e", ".")
    stamp.write_text(wanted)


def workers() -> int:
    """As many test processes as there are cores for and memory; 0 is pytest without any."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    count = min(cores, memory_gb() // GB_PER_WORKER)
    return count if count > 1 else 0


def memory_gb() -> int:
    """Main memory; where the system does not tell, room for two test processes."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 30
    except (AttributeError, ValueError, OSError):
        return 2 * GB_PER_WORKER


def pip(*arguments: str) -> None:
    command = [str(executable("python")), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*command, *arguments], cwd=ROOT, check=True)


def executable(name: str) -> Path:
    return BIN / (name + (".exe" if os.name == "nt" else ""))


def run(name: str, *arguments: str) -> int:
    return subprocess.run([str(executable(name)), *arguments], cwd=ROOT, check=False).returncode


def window_opens() -> bool:
    """Whether Qt can use this display; says which libraries to install where it cannot.

    Asked in a child process: Qt aborts the process in which its platform plug-in does not load.
    """
    probe = [str(executable("python")), "-c", PROBE]
    result = subprocess.run(probe, capture_output=True, text=True, check=False)
    if result.returncode:
        print(
            f"{result.stderr.strip()}\nA window cannot be opened on this display.", file=sys.stderr
        )
        if shutil.which("apt-get"):
            print(
                f"Install what it needs, then start again:\n\n    {apt_command()}\n",
                file=sys.stderr,
            )
    return result.returncode == 0


def apt_command() -> str:
    """The whole command, ready to paste; without sudo for root, who may not have it."""
    install = f"apt-get install -y {LIBRARIES}"
    return install if os.geteuid() == 0 else f"sudo {install}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
