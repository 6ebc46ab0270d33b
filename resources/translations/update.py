"""Updates the translations: `python -m resources.translations.update`.

Extracts the texts of app/ and widgets/ with lupdate, keeps existing translations, and compiles. New
texts are marked unfinished in lacuna_uk.ts; lacuna_en.ts holds plurals only.
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
    """All modules that may contain a text."""
    return sorted(path for part in ("app", "widgets") for path in (ROOT / part).glob("**/*.py"))


def compile_(source: Path, target: Path) -> None:
    """Compile a .ts file to the .qm file that the program loads."""
    _run("lrelease", "-silent", str(source), "-qm", str(target))


def _run(tool: str, *arguments: str) -> None:
    program = Path(PySide6.__file__).parent / tool
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    raise SystemExit(main())
