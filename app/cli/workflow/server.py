"""Plans a workflow for the user's servers: sent as it is, but for photos and set values."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from app.cli.inputs import InputOutput, pictures_of
from app.cli.report import Console, FileReport, tell_left_out
from app.cli.run import BatchPlan
from app.cli.workflow.inputs import photos_of, seed_lines
from app.cli.workflow.outputs import OutputInfo, OutputName, named
from app.cli.workflow.server_outputs import ServerOutputWriter, alpha_of
from app.commands.recipe import StepReport
from app.commands.workflow_inputs import LoadNode, drawn, file_of
from app.engines.runner import InlineRunner
from app.engines.server_pool import ServerPool
from app.serialization import exact_png as png
from app.text.notes import note
from engine.colour.convert import view_of
from engine.comfy.errors import (
    ServerLacks,
    WorkflowError,
    WorkflowIncomplete,
    WorkflowUnreadable,
    WorkflowUnsupported,
)
from engine.comfy.prompt_plan import Plan, PlanOutputs, Upload
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.errors import EngineError, ServerMissing
from engine.image_io.limits import Limits
from engine.image_io.reader import read
from engine.picture import Picture
from engine.workflow.edit.seeds import seed_places
from engine.workflow.format.reader import AnyWorkflow, link_of
from engine.workflow.local.file import randomised_nodes
from engine.workflow.remote.fit_to_server import (
    FittedGraph,
    check_files,
    fit_lacks,
    fit_to_server,
    lacks_of,
)
from engine.workflow.remote.plan import PlannedOutput, image_loaders, plan_job

MASK = "LoadImageMask"
WHOLE = (
    "The server works on whole pictures, in 8 bits and sRGB: what lies outside the masks may "
    "change there. With --on here it does not."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A workflow as each server takes it, and what is the same for all photos."""

    graphs: dict[str, FittedGraph]  # the graph as each server takes it, by the server's name
    photos: tuple[str, ...]
    others: Mapping[str, Upload]
    names: tuple[OutputName, ...]
    arguments: argparse.Namespace
    servers: ServerPool

    def outputs(self, pair: InputOutput) -> list[Path]:
        folder, ending = pair.output.parent, pair.output.suffix
        return [one.path(folder, pair.input.stem, ending) for one in self.names]

    def work(self, pair: InputOutput, report: FileReport, console: Console) -> None:
        limits = Limits(pixels=self.arguments.max_megapixels * 10**6)
        picture = read(pair.input, limits)
        report.size, report.notes = list(picture.size), [note(code) for code in picture.notes]
        uploads = {**self.others, **dict.fromkeys(self.photos, _sent(picture))}
        outputs = self.servers.pool.run(
            partial(self._plan, uploads),
            partial(fit_lacks, self.graphs),
            console,
            need="workflow",
        )
        shown = self._planned(uploads, outputs.server)[1]
        report.steps = [_step(each, outputs) for each in shown]
        writer = ServerOutputWriter(
            photo=picture if self._keeps_alpha(outputs.server) else replace(picture, alpha=None),
            source=pair.input,
            quality=self.arguments.quality,
            force=self.arguments.force,
            limits=limits,
            tell=partial(tell_left_out, report=report, console=console),
        )
        files = writer.write(shown, outputs, self.outputs(pair))
        report.outputs = [str(file) for file in files]

    def _plan(self, uploads: Mapping[str, Upload], snapshot: ServerSnapshot) -> Plan:
        return self._planned(uploads, snapshot.server)[0]

    def _planned(
        self, uploads: Mapping[str, Upload], server: str
    ) -> tuple[Plan, tuple[PlannedOutput, ...]]:
        fitted = self.graphs[server]
        return plan_job(fitted.graph, fitted.nodes, uploads, previews=self.arguments.previews)

    def _keeps_alpha(self, server: str) -> bool:
        """Whether a result keeps the photo's alpha: not where that is used as a mask."""
        graph = self.graphs[server].graph
        links = [link_of(v) for node in graph.values() for v in node["inputs"].values()]
        is_mask = any(graph[photo]["class_type"] == MASK for photo in self.photos)
        return not is_mask and all((photo, 1) not in links for photo in self.photos)


def plan(
    arguments: argparse.Namespace, found: AnyWorkflow, runner: InlineRunner, console: Console
) -> BatchPlan:
    """All that can be checked before the first picture. Raises UsageError, EngineErrors."""
    path, servers = arguments.recipe, runner.server_pool
    if servers is None or not servers.ready:
        raise servers.down[0] if servers and servers.down else ServerMissing("workflow")
    seeds = drawn(randomised_nodes(found, path))
    graphs = _graphs(found, arguments, seeds, servers.ready)
    first = next(iter(graphs.values()))
    if not (shown := _shown(first, arguments)):
        raise WorkflowUnreadable(path, "empty")
    photos = photos_of(_loads(first), first.set_images, path)
    run = _Run(
        graphs=graphs,
        photos=photos,
        others=_others(first, photos, path),
        names=named(map(_info, shown)),
        arguments=arguments,
        servers=servers,
    )
    _check(run, path)
    pairs = pictures_of(arguments, arguments.format)
    for text in (WHOLE, *_notices(first, seeds)):
        console.say(text)
    return BatchPlan(pairs=pairs, outputs=run.outputs, work=run.work, force=arguments.force)


def _graphs(
    found: AnyWorkflow, arguments: argparse.Namespace, seeds: Mapping[str, int],
    ready: Sequence[ServerSnapshot],
) -> dict[str, FittedGraph]:  # fmt: skip
    """By the names of the servers that can run it. Raises why the first one cannot."""
    graphs: dict[str, FittedGraph] = {}
    troubles: list[EngineError] = []
    for snapshot in ready:
        try:
            graphs[snapshot.server] = fit_to_server(
                found, snapshot.nodes, arguments.settings, seeds, arguments.recipe
            )
        except WorkflowUnsupported as error:
            missing = lacks_of(error)
            troubles.append(ServerLacks(snapshot.server, "workflow", missing) if missing else error)
        except WorkflowError as error:
            troubles.append(error)
    if not graphs:
        raise troubles[0]
    return graphs


def _check(run: _Run, path: Path) -> None:
    """Leaves the servers that have all files that it names. Raises WorkflowIncomplete."""
    troubles: list[WorkflowIncomplete] = []
    sent = {*run.photos, *run.others}
    for server, fitted in list(run.graphs.items()):
        try:
            check_files(fitted, sent.__contains__, path)
        except WorkflowIncomplete as error:
            troubles.append(error)
            del run.graphs[server]
    if not run.graphs:
        raise troubles[0]


def _shown(fitted: FittedGraph, arguments: argparse.Namespace) -> tuple[PlannedOutput, ...]:
    return plan_job(fitted.graph, fitted.nodes, {}, previews=arguments.previews)[1]


def _loads(fitted: FittedGraph) -> list[LoadNode]:
    return [
        LoadNode(node, title, file, fitted.graph[node]["class_type"] == MASK)
        for node, (title, file) in image_loaders(fitted.graph, fitted.nodes).items()
    ]


def _others(fitted: FittedGraph, photos: Sequence[str], path: Path) -> dict[str, Upload]:
    """Pictures that are the same for all photos; those not on this computer are on the server.

    Decoded and sent without their metadata. Raises FileErrors.
    """
    files = {
        each.node: file_of(each.file, path, anywhere=each.node in fitted.set_images)
        for each in _loads(fitted)
        if each.node not in photos
    }
    return {node: _sent(read(file)) for node, file in files.items() if file}


def _sent(picture: Picture) -> Upload:
    """As ComfyUI reads pictures: 8 bits, sRGB; it takes alpha as a mask."""
    return Upload(content=png.encode(view_of(picture), alpha_of(picture)))


def _info(shown: PlannedOutput) -> OutputInfo:
    return OutputInfo(kind=shown.kind, title=shown.title, prefix=shown.prefix)


def _notices(fitted: FittedGraph, seeds: Mapping[str, int]) -> list[str]:
    used = {
        place: seeds[place[0]]
        for place in seed_places(fitted.graph, seeds)
        if fitted.graph[place[0]]["inputs"][place[1]] == seeds[place[0]]
    }
    changed = [
        f"{change.title}: {change.input} was {change.kind}, for that server's version of the node."
        for change in fitted.repairs
    ]
    return [*changed, *seed_lines(used)]


def _step(shown: PlannedOutput, outputs: PlanOutputs) -> StepReport:
    facts: dict[str, Any] = {"node": shown.node, "title": shown.title, "server": outputs.server}
    return StepReport(step=shown.kind.value, facts=facts)
