"""The words of servers and workflows: every code has its own, and none says too much."""

import pytest

from app.actions import table as actions
from app.text import notes
from app.text.errors.explain import explain
from engine.comfy import errors
from engine.comfy.errors import Absent, Lack, Unsupported
from engine.jobs.backend import Capability

CODES = {
    errors.ServerAddress: ("format", "scheme", "host", "login", "plain", "header"),
    errors.ServerUnreachable: (
        "refused",
        "name",
        "timeout",
        "dropped",
        "starting",
        "not_comfy",
        "use_http",
        "use_https",
        "old",
        "redirect",
        "status",
    ),
    errors.ServerCertificate: ("unknown", "name", "expired", "changed", "ca_file"),
    errors.ServerBroken: ("truncated", "size", "gone", "format", "empty", "large"),
}


@pytest.mark.parametrize("kind", CODES, ids=lambda kind: kind.__name__)
def test_every_code_has_words_of_its_own(kind: type) -> None:
    told = [explain(kind("box", code, "0.3.10")) if kind is not errors.ServerAddress
            else explain(kind("box", code)) for code in CODES[kind]]  # fmt: skip
    assert len({message.text for message in told}) == len(CODES[kind])
    assert all(message.title.endswith(".") for message in told)
    assert all(message.next_step.endswith(".") for message in told)
    assert all("{" not in message.sentence for message in told)


@pytest.mark.parametrize("kind", CODES, ids=lambda kind: kind.__name__)
def test_every_code_the_docstring_names_is_told_here(kind: type) -> None:
    text = kind.__doc__ or ""
    assert all(code in text for code in CODES[kind])


def test_every_button_does_something() -> None:
    known = {row.id for row in actions.TABLE} | {"retry"}
    for error in (
        errors.ServerAddress("x", "format"),
        errors.ServerUnreachable("box", "refused"),
        errors.ServerCertificate("box", "unknown"),
        errors.ServerDenied("box", 403),
        errors.ServerLacks("box", "find", ()),
        errors.ServerFailed("box", "n", "d"),
        errors.WorkflowUnsupported(None, ()),
    ):
        buttons = [action.id for action in explain(error).actions]
        assert buttons
        assert set(buttons) <= known


def test_no_password_of_an_address_is_shown() -> None:
    url = "http://me:hunter22@box.example:8188/x?token=sesame99"
    sentence = explain(errors.ServerAddress(url, "login")).sentence
    assert "box.example:8188" in sentence
    assert "hunter22" not in sentence
    assert "sesame99" not in sentence


@pytest.mark.parametrize("url", ["http://[::1", "", "http://[x]:y:z"])
def test_an_address_that_is_none_is_still_named(url: str) -> None:
    assert explain(errors.ServerAddress(url, "format")).title.endswith(".")


def test_what_a_server_says_is_kept_short_and_straight() -> None:
    detail = "Bearer abcdefgh123\u202e" + "x" * 5000 + "\nend"
    text = explain(errors.ServerFailed("box", "KSampler", detail)).text
    assert len(text) < 500
    assert "abcdefgh123" not in text
    assert "\u202e" not in text
    assert "\n" not in text


def test_the_kinds_of_failure_differ() -> None:
    told = [explain(errors.ServerFailed("box", "n", "d", kind)) for kind in
            ("memory", "upload", "model", "")]  # fmt: skip
    assert len({message.title for message in told}) == 4
    assert len({message.next_step for message in told}) == 4


def test_what_is_missing_is_named_with_its_source() -> None:
    lacks = (
        Lack("pack", "ComfyUI-SAM3", "https://hub.example/sam3"),
        Lack("checkpoints", "sam3.safetensors"),
    )
    message = explain(errors.ServerLacks("box", "find", lacks))
    assert message.title == "“box” cannot do this: find by text."
    assert "the nodes ComfyUI-SAM3 (from https://hub.example/sam3)" in message.text
    assert "the file sam3.safetensors in the folder checkpoints" in message.text
    assert "nodes" in message.next_step
    assert "files" in message.next_step
    only_nodes = explain(errors.ServerLacks("box", "find", lacks[:1]))
    assert "files" not in only_nodes.next_step
    only_files = explain(errors.ServerLacks("box", "find", lacks[1:]))
    assert "nodes" not in only_files.next_step


def test_a_long_list_ends_with_a_count() -> None:
    lacks = tuple(Lack("node", f"n{index}") for index in range(9))
    assert "3 more" in explain(errors.ServerLacks("box", "workflow", lacks)).text
    nodes = tuple(Unsupported(str(index), "T", f"t{index}") for index in range(8))
    assert "2 more" in explain(errors.WorkflowUnsupported(None, nodes)).text


def test_tasks_have_names() -> None:
    needs = [*(capability.value for capability in Capability), "workflow"]
    titles = {explain(errors.ServerLacks("box", need, ())).title for need in needs}
    assert len(titles) == len(needs)


def test_a_login_that_is_wrong_is_not_one_that_is_forbidden() -> None:
    assert "token" in explain(errors.ServerDenied("box", 401)).text
    assert "token" not in explain(errors.ServerDenied("box", 403)).text


def test_a_limit_is_named_where_it_is_known() -> None:
    assert "100.0 MB" in explain(errors.ServerTooLarge("box", 120.5, 100)).text
    assert explain(errors.ServerTooLarge("box", 120.5)).text == "120.5 MB were to be sent."


def test_the_codes_of_workflows_have_words_of_their_own() -> None:
    reasons = ("file", "format", "damaged", "large", "none", "empty", "cycle", "link", "widgets")
    texts = {explain(errors.WorkflowUnreadable(None, r, "KSampler")).text for r in reasons}
    assert len(texts) == len(reasons)
    whys = ("", "subgraph", "kind", "link", "value")
    nodes = [Unsupported("1", "T", "My node", why) for why in whys]
    said = {explain(errors.WorkflowUnsupported(None, (node,))).text for node in nodes}
    assert len(said) == len(whys)
    assert all("My node" in text and "(T)" in text for text in said)
    steps = Unsupported("1", "T", "My node", "value", "steps")
    message = explain(errors.WorkflowUnsupported(None, (steps,)))
    assert "(T, steps)" in message.text
    assert "--set" in message.next_step


def test_what_a_workflow_wants_is_named() -> None:
    absent = Absent("4", "Load LoRA", "lora_name", "tom (1).safetensors", "loras", ("a",))
    message = explain(errors.WorkflowIncomplete(None, (absent,)))
    assert message.text == "“Load LoRA” wants tom (1).safetensors as lora_name."
    assert "choose something that is there" in message.next_step


@pytest.mark.parametrize(
    "code",
    ["upload", "loading", "sampling", "working", "fetching", "server_gone", "stopping", "polling"],
)
def test_what_a_server_is_doing_has_words(code: str) -> None:
    assert notes.progress(code)


def test_the_place_in_the_queue() -> None:
    assert notes.progress("queued:3") == "Waiting on the server, 3 in front"
    assert notes.progress("queued:0") == "Waiting on the server"
    assert notes.progress("queued") == "Waiting on the server"
    assert notes.progress("queued:x") == "Waiting on the server"


def test_the_codes_of_settings_have_words_of_their_own() -> None:
    reasons = ("format", "node", "input", "several", "value")
    told = [explain(errors.WorkflowSetting("K.seed=x", reason, ("a", ""))) for reason in reasons]
    assert len({message.text for message in told}) == len(reasons)
    assert all("a, –" in message.text for message in told[1:])
    ranges = [("1", "9"), ("1", ""), ("", "9")]
    limits = [explain(errors.WorkflowSetting("K.seed=x", "range", each)).text for each in ranges]
    assert limits == [
        "The input takes numbers from 1 to 9.",
        "The input takes numbers from 1 on.",
        "The input takes numbers up to 9.",
    ]
    many = tuple(f"n{index}" for index in range(40))
    assert explain(errors.WorkflowSetting("x", "node", many)).text.endswith("n11, ….")
    assert explain(errors.WorkflowSetting("x", "node")).text.endswith("it has: –.")
