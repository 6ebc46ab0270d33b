"""Where foreign picture bytes come in: which formats, and which errors leave."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import ImageTooLarge, ImageUnreadable, OutOfMemory
from engine.image_io import formats


@contextmanager
def only_declared(path: Path) -> Generator[None]:
    """Whatever a decoder raises leaves as ImageUnreadable or ImageTooLarge, with the path."""
    try:
        yield
    except ImageTooLarge as error:
        raise ImageTooLarge(path, error.what, error.found, error.limit) from error
    except ImageUnreadable as error:
        raise ImageUnreadable(path, error.reason, error.detail) from error
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise ImageUnreadable(path, "access", str(error)) from error
    except MemoryError as error:
        raise OutOfMemory(0, 0) from error
    except Exception as error:
        # decoders of foreign bytes raise anything: IndexError, struct.error, cv2.error, ...
        raise ImageUnreadable(path, "damaged", f"{type(error).__name__}: {error}") from error


def format_of(head: bytes) -> str:
    """The format that the first bytes tell. Raises ImageUnreadable."""
    found = formats.sniff(head)
    if found is None:
        raise ImageUnreadable(None, "format")
    return found
