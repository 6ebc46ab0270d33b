"""Prompt history: the prompts of paintings, newest first, in one file and never in a log."""

import contextlib
import json
from pathlib import Path

from app.settings.paint_choices import MAX_PROMPT
from engine.errors import FileError
from engine.storage import atomic_file, small_file
from engine.storage.json_records import decode_with_paths

LIMIT = 200
MAX_BYTES = LIMIT * MAX_PROMPT * 4


class PromptHistory:
    """Kept in the state folder until it is cleared; a damaged file counts as empty."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def prompts(self) -> list[str]:
        """The newest first, at most LIMIT."""
        found, _ = small_file.load(self._file, _parse, list[object], limit=MAX_BYTES)
        texts = [entry for entry in found if isinstance(entry, str) and len(entry) <= MAX_PROMPT]
        return texts[:LIMIT]

    def add(self, prompt: str) -> None:
        """Put a prompt first; a known one moves there."""
        if prompt.strip():
            others = [known for known in self.prompts() if known != prompt]
            self._store([prompt, *others][:LIMIT])

    def clear(self) -> None:
        self._file.unlink(missing_ok=True)

    def _store(self, prompts: list[str]) -> None:
        text = json.dumps(prompts, ensure_ascii=False)
        # a list of old prompts is not worth a message
        with contextlib.suppress(FileError), atomic_file.replace(self._file, private=True) as file:
            file.write(text.encode(errors="replace"))


def _parse(raw: bytes) -> list[object]:
    return decode_with_paths(raw, list[object])
