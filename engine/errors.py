"""Trouble that is expected. Each type carries data; its words stand in app/explain.py.

EngineError
  FileError
    ImageUnreadable    ImageTooLarge    ImageUnwritable    ProjectUnreadable    DiskFull
    JournalUnwritable
  NothingSelected      NothingFound     HoleTooLarge       CapabilityMissing
  RecipeInvalid        BackendStopped   OutOfMemory       Bug
Cancelled is no error.
"""

from pathlib import Path


class EngineError(Exception):
    """Expected trouble; all arguments are passed on so that it pickles."""


class Cancelled(Exception):
    """The user stopped the job."""


class FileError(EngineError):
    """Something about one file."""


class ImageUnreadable(FileError):
    """No picture of an allowed format, or damaged; `reason` is a code: format, damaged."""

    def __init__(self, path: Path | None, reason: str, detail: str = "") -> None:
        super().__init__(path, reason, detail)
        self.path, self.reason, self.detail = path, reason, detail


class ImageTooLarge(FileError):
    """The header promises more than the limit; nothing was decoded."""

    def __init__(self, path: Path | None, what: str, found: int, limit: int) -> None:
        super().__init__(path, what, found, limit)
        self.path, self.what, self.found, self.limit = path, what, found, limit


class ImageUnwritable(FileError):
    """The file could not be written; what was there before is still there."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason


class DiskFull(FileError):
    """No room for the file; what was there before is still there."""

    def __init__(self, path: Path, needed_mb: int, free_mb: int) -> None:
        super().__init__(path, needed_mb, free_mb)
        self.path, self.needed_mb, self.free_mb = path, needed_mb, free_mb


class ProjectUnreadable(FileError):
    """A `.lacuna` or journal that cannot be opened.

    `reason` is a code: missing, permission, newer, damaged; of a journal also changed (the
    picture is no longer what it belongs to) and busy (another window has it).
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason


class JournalUnwritable(FileError):
    """Edits are not on disk yet; they are kept, and tried again.

    `reason` is full, memory, or one of ImageUnwritable.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason


class NothingSelected(EngineError):
    """The verb needs a mask and none is marked."""


class NothingFound(EngineError):
    """The click or box led to no object."""


class HoleTooLarge(EngineError):
    """The mask leaves too little of the picture to fill from."""

    def __init__(self, share: float) -> None:
        super().__init__(share)
        self.share = share


class CapabilityMissing(EngineError):
    """The backend cannot do this kind of job."""

    def __init__(self, backend: str, capability: str) -> None:
        super().__init__(backend, capability)
        self.backend, self.capability = backend, capability


class RecipeInvalid(EngineError):
    """A recipe that cannot be run; `where` names the step, `reason` says what is wrong."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where, reason)
        self.where, self.reason = where, reason


class BackendStopped(EngineError):
    """The engine ended while a job was under way."""

    def __init__(self, backend: str, reason: str) -> None:
        super().__init__(backend, reason)
        self.backend, self.reason = backend, reason


class OutOfMemory(EngineError):
    """The job did not fit, also after everything else was freed; 0 = not known."""

    def __init__(self, needed_mb: int, free_mb: int) -> None:
        super().__init__(needed_mb, free_mb)
        self.needed_mb, self.free_mb = needed_mb, free_mb


class Bug(EngineError):
    """Trouble nobody expected, with its traceback as text: it stands in the log too."""

    def __init__(self, summary: str, traceback: str) -> None:
        super().__init__(summary, traceback)
        self.summary, self.traceback = summary, traceback
