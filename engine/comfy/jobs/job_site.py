"""Where a job is done: a server as it was seen last, and what is kept of our jobs there."""

import threading
from dataclasses import dataclass, field

from engine.comfy.jobs.job_store import KeptJobs
from engine.comfy.protocol.queue_api import QueueApi
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.timeouts import JobTimeouts
from engine.comfy.server.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JobSite:
    """All that a job has to know about its server."""

    name: str  # what the user calls it
    transport: Transport
    snapshot: ServerSnapshot
    kept: KeptJobs
    patience: JobTimeouts
    is_leaving: threading.Event = field(default_factory=threading.Event)
    """Set when the program ends: jobs are left to the server, and found again later."""

    @property
    def url(self) -> str:
        return self.transport.url

    @property
    def prompts(self) -> QueueApi:
        return QueueApi(transport=self.transport, server=self.name, has_jobs=self.snapshot.has_jobs)
