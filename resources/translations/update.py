"""Bring the translations up to date: `python -m resources.translations.update`.

Finds the texts of app/ and widgets/ with lupdate, keeps what is translated already, and compiles.
What is new stands in lacuna_uk.ts as unfinished; English only needs the plurals.
"""

import subprocess
import sys
from pathlib import Path

import PySide6

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
UKRAINIAN, ENGLISH = "lacuna_uk", "lacuna_en"


def main() -> int:
    """Extract and compile both languages."""
    for name in (UKRAINIAN, ENGLISH):
        extract(HERE / f"{name}.ts")
        compile_(HERE / f"{name}.ts", HERE / f"{name}.qm")
    return 0


def extract(file: Path) -> None:
    """Add the texts that are new to a .ts file, and drop those that are gone."""
    is_english = file.stem == ENGLISH
    options = ["-no-obsolete", "-locations", "none", "-source-language", "en"]
    options += ["-pluralonly", "-target-language", "en"] if is_english else []
    options += [] if is_english else ["-target-language", "uk"]
    _run("lupdate", *options, *map(str, sources()), "-ts", str(file))


def sources() -> list[Path]:
    """Every module that may hold a text."""
    return sorted(path for part in ("app", "widgets") for path in (ROOT / part).glob("**/*.py"))


def compile_(source: Path, target: Path) -> None:
    """Make the file that the program loads."""
    _run("lrelease", "-silent", str(source), "-qm", str(target))


def _run(tool: str, *arguments: str) -> None:
    program = Path(PySide6.__file__).parent / tool
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    raise SystemExit(main())
