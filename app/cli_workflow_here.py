"""A workflow on this computer: every photo takes the place of the one that the file names."""

import argparse
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.batch import StepReport
from app.cli_arguments import Usage
from app.cli_engines import Crew
from app.cli_files import Errand, errands, make_folder
from app.cli_report import Console, FileReport
from app.cli_workflow_job import Job
from app.cli_workflow_names import Named, named
from app.cli_workflow_results import written
from app.notes import note
from engine.comfy.errors import Absent, WorkflowIncomplete
from engine.comfy.plan import Graph
from engine.painting import MAX_SEED
from engine.reading import read
from engine.workflow.addressing import setting
from engine.workflow.here import Program, Report, Source, check, run_here
from engine.workflow.here_file import for_here
from engine.workflow.here_specs import HERE
from engine.workflow.missing import mapped
from engine.workflow.reading import Read
from engine.workflow.values import Loaded, LoadedMask, Removal, Sampled

CROPS = (
    "Removal and painting work in crops around the masks, at the photo's own size; "
    "ComfyUI would send the whole picture through its models."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What is the same for all photos."""

    program: Program
    photo: str  # id of the node that the photos are for
    others: Mapping[str, Source]
    names: tuple[Named, ...]
    arguments: argparse.Namespace
    crew: Crew

    def outputs(self, errand: Errand) -> list[Path]:
        ending = errand.target.suffix
        folder = self.arguments.output
        return [one.path(folder, errand.source.stem, ending) for one in self.names]

    def do(self, errand: Errand, report: FileReport, console: Console) -> None:
        picture = read(errand.source)
        report.size, report.notes = list(picture.size), [note(code) for code in picture.notes]
        sources = {**self.others, self.photo: Source(picture=picture, key=str(errand.source))}
        previews = self.arguments.previews
        done = run_here(self.program, sources, self.crew, console, previews=previews)
        report.steps = [_step(one) for one in done.reports]
        files = written(
            done.results, self.outputs(errand),
            quality=self.arguments.quality, force=self.arguments.force,
        )  # fmt: skip
        report.outputs = [str(file) for file in files]


def plan(arguments: argparse.Namespace, found: Read, crew: Crew, console: Console) -> Job:
    """All that can be checked before the first picture. Raises Usage, EngineErrors."""
    path = arguments.recipe
    graph, drawn = for_here(found, path)
    values = dict(setting(graph, HERE, text) for text in arguments.settings)
    seeds = _seeds(graph, drawn, values)
    graph = mapped(graph, values | seeds)
    program = check(graph, crew, path)
    images = {node for node, input in values if input == "image"}
    photo = _photo(program, images, path)
    run = _Run(
        program=program,
        photo=photo,
        others=_sources(program, photo, path),
        names=named(program.wanted(arguments.previews)),
        arguments=arguments,
        crew=crew,
    )
    todo = errands(arguments.inputs, arguments.output, arguments.format)
    make_folder(arguments.output)
    if any(isinstance(each, Removal | Sampled) for each in program.work):
        console.say(CROPS)
    for (node, _), seed in seeds.items():
        console.say(f"A seed was drawn: --set {node}.seed={seed} takes the same again.")
    return Job(todo=todo, outputs=run.outputs, do=run.do, force=arguments.force)


def _seeds(
    graph: Graph, drawn: tuple[str, ...], values: Mapping[tuple[str, str], Any]
) -> dict[tuple[str, str], int]:
    """Where the file says that each run has a seed of its own, and the user says none."""
    places = [(node, "seed") for node in drawn if "seed" in graph[node]["inputs"]]
    some = random.SystemRandom()
    return {place: some.randint(0, MAX_SEED) for place in places if place not in values}


def _photo(program: Program, images: set[str], path: Path) -> str:
    """The one node that the photos are for. Raises Usage, WorkflowIncomplete."""
    open_ = [
        load for load in program.loads
        if isinstance(load, Loaded) and load.origin.node not in images
    ]  # fmt: skip
    if not open_:
        raise Usage("no node of the workflow is left for the photos: each has an image by --set")
    if len(open_) == 1:
        return open_[0].origin.node
    absent = [load for load in open_ if _file(load.file, path) is None]
    if len(absent) == 1:
        return absent[0].origin.node
    raise WorkflowIncomplete(path, tuple(_absent(load) for load in absent or open_))


def _sources(program: Program, photo: str, path: Path) -> dict[str, Source]:
    """The pictures that are the same for all photos. Raises WorkflowIncomplete, FileErrors."""
    loads = [load for load in program.loads if load.origin.node != photo]
    files = {load.origin.node: _file(load.file, path) for load in loads}
    if absent := tuple(_absent(load) for load in loads if files[load.origin.node] is None):
        raise WorkflowIncomplete(path, absent)
    found = {node: file for node, file in files.items() if file is not None}
    return {node: Source(picture=read(file), key=str(file)) for node, file in found.items()}


def _absent(load: Loaded | LoadedMask) -> Absent:
    return Absent(load.origin.node, load.origin.title, "image", load.file, "input")


def _file(name: str, path: Path) -> Path | None:
    """As it is named, or beside the workflow; ComfyUI adds its folder in brackets."""
    plain_name = name.removesuffix(" [input]").replace("\\", "/")
    places = (Path(plain_name), path.parent / plain_name, path.parent / Path(plain_name).name)
    return next((place for place in places if plain_name and place.is_file()), None)


def _step(report: Report) -> StepReport:
    origin = report.origin
    facts = {"node": origin.node, "title": origin.title, **report.facts}
    if report.verb in ("remove", "paint") and (said := difference(report)):
        facts["difference"] = said
    return StepReport(step=report.verb, facts=facts)


def difference(report: Report) -> str:
    """What ComfyUI would have done otherwise, in one sentence; "" where the crop is all of it."""
    width, height = report.facts["size"]
    crops = [crop for crop in report.facts["crops"] if crop[2:] != [width, height]]
    if not crops:
        return ""
    listed = " and ".join(f"{w} x {h}" for _, _, w, h in crops)
    done = "painted" if report.verb == "paint" else "filled"
    return (
        f"{done} in a crop of {listed} around the mask; "
        f"ComfyUI would have {done} the whole picture of {width} x {height}"
    )
