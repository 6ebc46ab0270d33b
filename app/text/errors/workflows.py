"""Messages of errors with workflows: unreadable, unsupported nodes, missing files, settings."""

from collections.abc import Callable
from typing import Any

from app.i18n import translate
from app.text import message
from app.text.message import Message, actions
from engine.comfy import errors
from engine.comfy.errors import Absent, Unsupported
from widgets.plain_text import plain

LISTED = 6  # nodes and values
CHOICES = 12  # that there are instead
SHOWN = 120  # letters of what was typed


def _unreadable(error: errors.WorkflowUnreadable) -> Message:
    title = translate("Explain", "Cannot read the workflow {name}.")
    text, step = _why_unreadable(error.reason)
    node = plain(error.node) or "?"
    return Message(title.format(name=_name(error.path)), text.format(node=node), step)


def _why_unreadable(reason: str) -> tuple[str, str]:
    again = translate("Explain", "Open it in ComfyUI, put it right, and save it again.")
    other = translate("Explain", "Choose a workflow as ComfyUI saves it, or a picture made by one.")
    reasons = {
        "file": (
            translate("Explain", "The file is missing, or you may not read it."),
            translate("Explain", "Check that it is still there and whose it is."),
        ),
        "damaged": (
            translate("Explain", "The file is damaged or cut off."),
            translate("Explain", "Get it once more from where it came."),
        ),
        "large": (translate("Explain", "It is larger than any workflow."), other),
        "none": (
            translate("Explain", "The picture holds no workflow."),
            translate("Explain", "Choose a picture as ComfyUI saved it, or the workflow itself."),
        ),
        "empty": (translate("Explain", "It holds no nodes that do anything."), again),
        "cycle": (translate("Explain", "Its nodes wait for each other in a circle."), again),
        "link": (translate("Explain", "A connection of the node “{node}” leads nowhere."), again),
        "widgets": (
            translate("Explain", "The values of the node “{node}” are of another version of it."),
            again,
        ),
    }
    return reasons.get(reason, (translate("Explain", "It is no workflow of ComfyUI."), other))


def _unsupported(error: errors.WorkflowUnsupported) -> Message:
    title = translate("Explain", "The workflow {name} cannot be run here.")
    listed = "; ".join(_node(node) for node in error.nodes[:LISTED]) + _more(len(error.nodes))
    return Message(
        title.format(name=_name(error.path)),
        f"{listed}. " + translate("Explain", "Nothing of it was run."),
        _elsewhere(error.nodes),
        actions("tool.servers"),
    )


def _elsewhere(nodes: tuple[Unsupported, ...]) -> str:
    if all(node.why == "value" for node in nodes):
        return translate("Explain", "Change it in ComfyUI, or with --set on the command line.")
    return translate("Explain", "Run it on a server that has these nodes, or take them out.")


def _node(node: Unsupported) -> str:
    words = {
        "subgraph": translate("Explain", "“{title}” is a group of nodes that cannot be opened"),
        "kind": translate("Explain", "“{title}” loads a model of a kind that cannot be used here"),
        "link": translate("Explain", "“{title}” is connected in a way that cannot be run here"),
        "value": translate("Explain", "“{title}” has a value that cannot be used here"),
    }
    unknown = translate("Explain", "“{title}” is a node that is not known here")
    text = words.get(node.why, unknown).format(title=plain(node.title or node.type))
    is_named = node.type and node.type not in ("", node.title)
    beside = [plain(said) for said in (node.type if is_named else "", node.input) if said]
    return f"{text} ({', '.join(beside)})" if beside else text


def _incomplete(error: errors.WorkflowIncomplete) -> Message:
    title = translate("Explain", "The workflow {name} asks for what is not there.")
    listed = "; ".join(_absent(one) for one in error.absent[:LISTED]) + _more(len(error.absent))
    return Message(
        title.format(name=_name(error.path)),
        f"{listed}." if listed else "",
        translate(
            "Explain",
            "Add what is missing, or choose something that is there in its place.",
        ),
    )


def _absent(one: Absent) -> str:
    text = translate("Explain", "“{title}” wants {value} as {input}")
    return text.format(
        title=plain(one.title or one.node), value=plain(one.value), input=plain(one.input)
    )


def _setting(error: errors.WorkflowSetting) -> Message:
    reasons = {
        "node": translate("Explain", "The workflow has no such node; it has: {allowed}."),
        "input": translate("Explain", "The node has no such input; it has: {allowed}."),
        "several": translate("Explain", "Several nodes are meant by this: {allowed}."),
        "value": translate("Explain", "The input takes another value: {allowed}."),
        "range": _range(error.allowed),
    }
    form = translate("Explain", "A setting looks like KSampler.seed=5.")
    steps = {"several": translate("Explain", "Name one of them by its number: 3.seed=5.")}
    title = translate("Explain", "“{setting}” cannot be set.")
    return Message(
        title.format(setting=plain(error.setting[:SHOWN])),
        reasons.get(error.reason, form).format(allowed=_listed(error.allowed)),
        steps.get(error.reason, translate("Explain", "Correct it, and run it again.")),
    )


def _range(allowed: tuple[str, ...]) -> str:
    low, high = (*allowed, "", "")[:2]
    if low and high:
        text = translate("Explain", "The input takes numbers from {low} to {high}.")
    elif low:
        text = translate("Explain", "The input takes numbers from {low} on.")
    else:
        text = translate("Explain", "The input takes numbers up to {high}.")
    return text.replace("{low}", plain(low)).replace("{high}", plain(high))


def _listed(names: tuple[str, ...]) -> str:
    shown = [plain(name) or "–" for name in names[:CHOICES]]
    return ", ".join(shown) + (", …" if len(names) > CHOICES else "") or "–"


def _more(count: int) -> str:
    rest = count - LISTED
    return f"; {message.more(rest)}" if rest > 0 else ""


def _name(path: Any) -> str:
    return message.file_name(path) if path else translate("Explain", "without a name")


WORDS: dict[type[BaseException], Callable[[Any], Message]] = {
    errors.WorkflowUnreadable: _unreadable,
    errors.WorkflowUnsupported: _unsupported,
    errors.WorkflowIncomplete: _incomplete,
    errors.WorkflowSetting: _setting,
}
