"""Limits of project files: the writer refuses to make what the reader would refuse to open.

Projects of Lacuna get wide ones; an OpenRaster file of another program is opened for its merged
image alone, and gets narrow ones.
"""

from dataclasses import dataclass, field
from pathlib import Path

from app.serialization.safe_zip import ArchiveLimits
from engine.errors import ProjectTooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLimits:
    """Upper bounds; `what` of ProjectTooLarge names the one that was passed."""

    archive: ArchiveLimits = field(
        default_factory=lambda: ArchiveLimits(
            members=100_000, directory=10_000_000, total=16_000_000_000
        )
    )
    manifest: int = 128_000_000  # bytes of JSON
    unpacked: int = 8_000_000_000  # bytes of all arrays beside the picture, each counted once

    def check(self, what: str, found: int, path: Path, *, is_written: bool = False) -> None:
        """Raise ProjectTooLarge when `found` is over the limit called `what`."""
        limit: int = getattr(self if hasattr(self, what) else self.archive, what)
        if found > limit:
            raise ProjectTooLarge(path, what, found, limit, is_written)


OWN = ProjectLimits()
OF_OTHERS = ProjectLimits(
    archive=ArchiveLimits(members=2_000, directory=1_000_000, total=4_000_000_000)
)
