"""Where a job is done: a server as it was seen last, and what is kept of our jobs there."""

import threading
from dataclasses import dataclass, field

from engine.comfy.jobs.job_store import KeptJobs
from engine.comfy.protocol.queue_api import Prompts
from engine.comfy.protocol.snapshot import Snapshot
from engine.comfy.server.timeouts import Patience
from engine.comfy.server.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """All that a job has to know about its server."""

    name: str  # what the user calls it
    transport: Transport
    snapshot: Snapshot
    kept: KeptJobs
    patience: Patience
    is_leaving: threading.Event = field(default_factory=threading.Event)
    """Set when the program ends: jobs are left to the server, and found again later."""

    @property
    def url(self) -> str:
        return self.transport.url

    @property
    def prompts(self) -> Prompts:
        return Prompts(transport=self.transport, server=self.name, has_jobs=self.snapshot.has_jobs)
