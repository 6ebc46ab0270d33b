"""Descriptions of servers: state, device, features, lacks; for the window and the terminal."""

import re

from app.engines.server_report import FEATURES, ServerHealth, ServerReport, ServerState
from app.i18n import translate
from app.text.errors.explain import explain
from app.text.errors.models import family_name
from app.text.errors.server_jobs import LINK, how_to_get, things
from app.text.errors.servers import said
from engine.comfy import errors
from engine.comfy.errors import Lack
from engine.comfy.server.address import Server, is_public
from engine.errors import EngineError
from engine.jobs.backend import Capability
from widgets.lists.diagnostics import Diagnostic, Kind

MB_PER_GB = 1024


def state(health: ServerHealth) -> str:
    """The state in a word or two, for a list."""
    match health.state:
        case ServerState.OFF:
            return translate("Servers", "Off")
        case ServerState.UNKNOWN:
            return translate("Servers", "Not asked yet")
        case ServerState.ASKING:
            return translate("Servers", "Asking…")
        case ServerState.READY if health.report is not None and not health.report.is_whole:
            return translate("Servers", "Ready, with gaps")
        case ServerState.READY:
            return translate("Servers", "Ready")
        case ServerState.DOWN:
            return _down(health.error)


def _down(error: EngineError | None) -> str:
    if isinstance(error, errors.ServerDenied):
        return translate("Servers", "Login refused")
    if isinstance(error, errors.ServerCertificate):
        return translate("Servers", "Certificate not trusted")
    if isinstance(error, errors.ServerAddress):
        return translate("Servers", "Address not usable")
    reason = error.reason if isinstance(error, errors.ServerUnreachable) else ""
    return {
        "starting": translate("Servers", "Starting"),
        "not_comfy": translate("Servers", "No ComfyUI"),
        "old": translate("Servers", "Too old"),
    }.get(reason, translate("Servers", "Not reached"))


def kind(health: ServerHealth) -> Kind | None:
    """The symbol beside the state; None where the server is switched off."""
    match health.state:
        case ServerState.OFF:
            return None
        case ServerState.UNKNOWN | ServerState.ASKING:
            return "info"
        case ServerState.READY:
            is_whole = health.report is not None and health.report.is_whole
            return "success" if is_whole else "warning"
        case ServerState.DOWN:
            return "error"


def device(health: ServerHealth) -> str:
    """The device, for a list; "" while it is unknown."""
    if health.report is None:
        return ""
    if health.report.is_slow:
        return translate("Servers", "Processor")
    return _card(health.report.snapshot.device.name)


def _card(name: str) -> str:
    """The name in ComfyUI's `cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync`."""
    return said(re.sub(r"^cuda:\d+ ", "", name).partition(" : ")[0])


def about(server: Server, health: ServerHealth) -> tuple[Diagnostic, ...]:
    """Everything known of one server: address, risks, state or report."""
    where = (Diagnostic("info", said(server.url)), *_risk(server))
    if health.state is ServerState.OFF:
        text = translate("Servers", "It is switched off: tick it in the list to give it work.")
        return (*where, Diagnostic("info", text))
    if health.state is ServerState.DOWN and health.error is not None:
        return (*where, *trouble(health.error))
    if health.report is not None:
        return (*where, *findings(health.report))
    if health.state is ServerState.ASKING:
        return (*where, Diagnostic("info", translate("Servers", "Asking…")))
    return (*where, Diagnostic("info", translate("Servers", "It was not asked yet.")))


def nobody() -> tuple[Diagnostic, ...]:
    """The line shown where no server is set up."""
    return (Diagnostic("info", translate("Servers", "There is no server yet: add one.")),)


def trouble(error: EngineError) -> tuple[Diagnostic, ...]:
    """An error with its next step."""
    message = explain(error)
    text = " ".join(part for part in (message.text, message.next_step) if part)
    return (Diagnostic("error", message.title, text),)


def findings(report: ServerReport) -> tuple[Diagnostic, ...]:
    """The result of a test: version, device, each feature, models."""
    answers = translate("Servers", "ComfyUI {version} answers.")
    first = Diagnostic("success", answers.format(version=said(report.snapshot.version)))
    features = tuple(_feature(need, report) for need in FEATURES)
    return (first, _device(report), *features, _models(report))


def _risk(server: Server) -> tuple[Diagnostic, ...]:
    if server.allows_plain and server.url.startswith("http:") and is_public(server.url):
        text = translate("Servers", "Nothing is encrypted on the way to it: you allowed that.")
        return (Diagnostic("warning", text),)
    return ()


def _device(report: ServerReport) -> Diagnostic:
    if report.is_slow:
        return Diagnostic(
            "warning",
            translate(
                "Servers",
                "It runs on the processor: painting takes minutes, and SAM 3 is not usable.",
            ),
        )
    found = report.snapshot.device
    text = translate("Servers", "It runs on {device}.").format(device=_card(found.name))
    if found.total_mb:
        memory = translate("Servers", "{free} of {total} GB of its memory are free.")
        free, total = (f"{mb / MB_PER_GB:.1f}" for mb in (found.free_mb, found.total_mb))
        text += " " + memory.format(free=free, total=total)
    return Diagnostic("success", text)


def _feature(need: Capability, report: ServerReport) -> Diagnostic:
    lacks = report.lacks[need]
    if lacks:
        return _lacking(need, lacks)
    if need is Capability.FIND and report.is_slow:
        text = translate("Servers", "Select by text: all is there, and it would take far too long.")
        return Diagnostic("warning", text)
    if need is Capability.INPAINT and report.families:
        names = ", ".join(family_name(family.value) for family in report.families)
        return Diagnostic(
            "success", translate("Servers", "Paint: with {names}.").format(names=names)
        )
    text = {
        Capability.FIND: translate("Servers", "Select by text: ready."),
        Capability.REMOVE: translate("Servers", "Remove: ready."),
    }.get(need, translate("Servers", "Paint: with models of a kind that is not known."))
    return Diagnostic("success", text)


def _lacking(need: Capability, lacks: tuple[Lack, ...]) -> Diagnostic:
    title = {
        Capability.FIND: translate("Servers", "Select by text: not possible there."),
        Capability.REMOVE: translate("Servers", "Remove: not possible there."),
    }.get(need, translate("Servers", "Paint: not possible there."))
    missing = translate("Servers", "It lacks {things}.").format(things=things(lacks, sources=False))
    links = tuple(dict.fromkeys(lack.get for lack in lacks if lack.get.startswith(LINK)))
    return Diagnostic("error", title, f"{missing} {how_to_get(lacks)}", links)


def _models(report: ServerReport) -> Diagnostic:
    painters = translate("Servers", "Base models to paint with: {count}.")
    loras = translate("Servers", "LoRAs: {count}.")
    texts = (painters.format(count=report.checkpoints), loras.format(count=report.loras))
    return Diagnostic("info", " ".join(texts))
