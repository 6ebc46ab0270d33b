"""Reads, checks and runs a ComfyUI workflow on the open picture, as work for a job queue."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.commands.workflow_inputs import LoadNode, drawn, file_of
from engine.comfy.errors import WorkflowIncomplete
from engine.comfy.prompt_plan import Graph
from engine.dispatch.runner import Runner
from engine.errors import EngineError
from engine.geometry import Image, Mask
from engine.image_io.reader import read as read_picture
from engine.jobs.backend import JobContext
from engine.picture import Picture
from engine.workflow.edit.missing import with_values
from engine.workflow.edit.parameters import Parameter, Role, parameters
from engine.workflow.edit.seeds import seed_places
from engine.workflow.format.reader import link_of, read_workflow
from engine.workflow.local.file import for_local
from engine.workflow.local.nodes.table import LOCAL_NODES
from engine.workflow.local.photo import Photo
from engine.workflow.local.runner import Source, WorkflowResult, check, missing_sources, run_local
from engine.workflow.local.values import LoadedImage, LoadedMask

Values = Mapping[tuple[str, str], Any]
"""By node and input; of a picture OPEN, or a file."""

OPEN = ""  # the open picture; where a mask is loaded, its selection
IMAGE, MASK = "image", "LoadImageMask"


_PHOTO, _RESULTS = "LoadImage", ("SaveImage", "Image Comparer (rgthree)")
_WAY = ("images", "image_b", "samples", "latent_image", "pixels", "image", "destination")
"""Inputs by which a picture comes that is changed, rather than one that says where or how."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenedWorkflow:
    """A workflow as this computer's nodes want it."""

    path: Path
    graph: Graph
    random: tuple[str, ...]  # nodes whose seed is drawn anew for each run
    parameters: tuple[Parameter, ...]

    @property
    def pictures(self) -> tuple[Parameter, ...]:
        """Of the nodes that read one, as the file names them."""
        return tuple(each for each in self.parameters if each.role is Role.IMAGE)

    def usual_pictures(self) -> dict[str, str]:
        """What each of them reads unless the user says otherwise: OPEN, or a file.

        The open picture takes the place of the one that most results are made of, in all nodes
        that read it.
        """
        files = {each.node: str(each.value) for each in self.pictures}
        photos = [each.node for each in self.pictures if each.class_type != MASK]
        photo = files.get(next(iter((*made_of(self.graph), *photos)), ""))
        masks = [each.node for each in self.pictures if each.class_type == MASK]
        return {node: OPEN if node in masks or file == photo else file
                for node, file in files.items()}  # fmt: skip

    def file_of(self, picture: Parameter) -> Path | None:
        return file_of(str(picture.value), self.path)

    def needs_selection(self, values: Values, *, has_alpha: bool) -> bool:
        """Whether it reads a mask that nothing but the selection can be."""
        given = {**self.usual_pictures(), **pictures_of(values)}
        links = [link_of(v) for node in self.graph.values() for v in node["inputs"].values()]
        for each in self.pictures:
            if given[each.node] != OPEN:
                continue
            if each.class_type == MASK and self.file_of(each) is None:
                return True
            if each.class_type != MASK and not has_alpha and (each.node, 1) in links:
                return True
        return False


def made_of(graph: Graph) -> list[str]:
    """Nodes with the pictures that results are made of, that of the most results first."""
    ends = [name for name, node in graph.items() if node["class_type"] in _RESULTS]
    return [
        name for name, _ in Counter(filter(None, (_base(graph, e) for e in ends))).most_common()
    ]


def _base(graph: Graph, name: str) -> str:
    """Upstream to where the picture is read; "" where it is made of a mask."""
    while graph[name]["class_type"] != _PHOTO:
        inputs = graph[name]["inputs"]
        links = [link_of(inputs.get(way)) for way in _WAY]
        name = next((link[0] for link in links if link), "")
        if not name:
            break
    return name


def pictures_of(values: Values) -> dict[str, str]:
    """What the user said of pictures, by node."""
    return {node: str(value) for (node, input), value in values.items() if input == IMAGE}


def in_the_way(opened: OpenedWorkflow, values: Values, runner: Runner) -> EngineError | None:
    """What would end it before anything is run: it is cheap to ask."""
    try:
        check(_graph(opened, values), runner, opened.path)
    except EngineError as error:
        return error
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWorkflow:
    """Read a file; nothing is asked of any engine. Raises WorkflowErrors."""

    path: Path

    def run(self, job: JobContext) -> OpenedWorkflow:
        job.report(0.0)
        graph, random = for_local(read_workflow(self.path), self.path)
        return OpenedWorkflow(
            path=self.path, graph=graph, random=random, parameters=parameters(graph, LOCAL_NODES)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunWorkflow:
    """Do all that it asks with the picture that is open.

    Answered by what became of that picture: a batch of its versions, or nothing.
    """

    opened: OpenedWorkflow
    values: Values
    runner: Runner
    picture: Picture
    view: Image
    mask: Mask | None  # of the selection, where there is one: a workflow may read it

    def run(self, job: JobContext) -> tuple[Photo, ...]:
        """Raises WorkflowErrors before anything ran, EngineErrors."""
        opened = self.opened
        graph = with_values(_graph(opened, self.values), _seeds(opened, self.values))
        program = check(graph, self.runner, opened.path)
        given = {**opened.usual_pictures(), **pictures_of(self.values)}
        loads = [_load(each) for each in program.loads]
        sources = self._sources(loads, given)
        if absent := missing_sources(program, sources):
            raise WorkflowIncomplete(opened.path, absent)
        done = run_local(program, sources, self.runner, job)
        own = {load.node for load in loads if given.get(load.node, OPEN) == OPEN}
        return longest(done.results, own)

    def _sources(self, loads: list[LoadNode], given: Mapping[str, str]) -> dict[str, Source]:
        """The open picture, and for masks its selection, else the files that are named."""
        own = Source(picture=self.picture, view=self.view, mask=self.mask)
        found: dict[str, Source] = {}
        for load in loads:
            named = given.get(load.node, OPEN)
            if named == OPEN and (self.mask is not None or not load.is_mask):
                found[load.node] = own
            elif file := self._file(load, named):
                found[load.node] = Source(picture=read_picture(file), key=str(file))
        return found

    def _file(self, load: LoadNode, named: str) -> Path | None:
        """That of the workflow, or one that the user chose wherever it lies."""
        is_chosen = named not in (OPEN, load.file)
        return file_of(named or load.file, self.opened.path, anywhere=is_chosen)


def longest(results: Sequence[WorkflowResult], own: set[str]) -> tuple[Photo, ...]:
    """Of all that became of the open picture that of the most steps: results, and comparisons.

    The order of a file says nothing: what comes first in it need not be made first.
    """
    photos = [result.photos for result in results if result.kind != "mask" and result.photos]
    mine = [batch for batch in photos if batch[0].source in own]
    return max(mine, key=lambda batch: len(batch[0].steps), default=())


def _graph(opened: OpenedWorkflow, values: Values) -> Graph:
    """With the user's values; pictures are brought, whatever the graph calls them."""
    return with_values(opened.graph, {at: value for at, value in values.items() if at[1] != IMAGE})


def _seeds(opened: OpenedWorkflow, values: Values) -> dict[tuple[str, str], int]:
    return drawn(seed_places(opened.graph, opened.random, values))


def _load(each: LoadedImage | LoadedMask) -> LoadNode:
    return LoadNode(each.origin.node, each.origin.title, each.file, isinstance(each, LoadedMask))
