"""The part of a job's progress that one of its steps fills."""

from dataclasses import dataclass

from engine.geometry import Image
from engine.jobs.backend import JobContext


@dataclass(frozen=True, slots=True)
class ProgressSlice:
    """Maps the 0..1 of one step onto `start` to `start + share` of the job; passes previews on."""

    job: JobContext
    start: float
    share: float

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        self.job.report(self.start + self.share * fraction, note, preview)
