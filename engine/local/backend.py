"""The backend of local models. It asks the engine process and imports no torch."""

from collections.abc import Callable

from engine.dispatch.lookup import checkpoint, lora, parts, require
from engine.geometry import Image
from engine.inpaint.fill_large import fill
from engine.inpaint.paint import FillHole, inpaint, prefill_by
from engine.jobs.backend import Capability, JobContext
from engine.jobs.operations import Device
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import (
    FindRequest,
    FindResult,
    Hole,
    PrepareRequest,
    SegmentRequest,
    SegmentResult,
)
from engine.local.process.client import ProcessClient
from engine.local.segment.selector import LocalSelector
from engine.models.model_file import Installed, ModelFile

FLUX_PARTS = ("clip-l", "t5-xxl", "t5-tokenizer", "flux")


class LocalBackend:
    """Takes the best installed model for each kind of job; what is installed may change anytime."""

    name = "local"

    def __init__(
        self,
        installed: Callable[[], Installed],
        client: ProcessClient | None = None,
        fill_else: FillHole | None = None,
    ) -> None:
        """`fill_else` fills a hole before painting where no remover is installed."""
        self._installed = installed
        self.client = client or ProcessClient()
        self._fill_else = fill_else
        self._selector = LocalSelector(self.client, zooms=self._is_quick)

    @property
    def device(self) -> Device | None:
        """Known once the process has said it."""
        return self.client.device

    @property
    def is_running(self) -> bool:
        """Whether the process is there; it starts with the first job."""
        return self.client.is_running

    def capabilities(self) -> frozenset[Capability]:
        found = self._installed()
        able = {
            Capability.CLICK: found.selector,
            Capability.BOX: found.selector,
            Capability.FIND: found.finder,
            Capability.REMOVE: found.remover,
            Capability.INPAINT: found.painter,
        }
        return frozenset(capability for capability, model in able.items() if model is not None)

    def prepare(self, request: PrepareRequest, job: JobContext) -> None:
        self._selector.prepare(require(self._installed().selector, "segmenter"), request, job)

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        model = require(self._installed().selector, "segmenter")
        return self._selector.segment(model, request, job)

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        return self._selector.find(require(self._installed().finder, "finder"), request, job)

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        return fill(self.client, require(self._installed().remover, "remover"), hole, job)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        found = self._installed()
        model = checkpoint(found, settings.checkpoint, found.painter)
        remover = self.fill if found.remover is not None else None
        return inpaint(
            self.client,
            model,
            parts_for(found, model),
            tuple((lora(found, model, u.name), u.weight) for u in settings.loras if u.weight),
            hole,
            settings,
            seed,
            job,
            prefill=prefill_by(remover, self._fill_else, seed, self.name),
        )

    def free_memory(self) -> None:
        """End the process; a job that runs there fails."""
        self.client.free()

    def close(self) -> None:
        self.client.close()

    def _is_quick(self) -> bool:
        """Whether looking at a picture takes a moment rather than a minute."""
        return self.device is not None and self.device.kind != "cpu"


def parts_for(found: Installed, model: ModelFile) -> tuple[ModelFile, ...]:
    """CLIP, T5, T5's tokenizer and the VAE for a FLUX file, as far as they are installed.

    Empty for other families and for folders, which have all. The loader says what is missing.
    """
    if model.path.is_dir() or model.family is None or not model.family.is_flux:
        return ()
    return parts(found, FLUX_PARTS)
