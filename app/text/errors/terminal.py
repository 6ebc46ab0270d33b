"""The sentence of an error on the command line: next steps name its options, not the window's."""

from app.text.errors.explain import explain
from engine import errors

STEPS: dict[type[BaseException], str] = {
    errors.NothingSelected: "Say what by --point, --box, --mask, --find or --subject.",
    errors.NothingFound: "Put --point nearer to its middle, or give a --box around it.",
    errors.NoSubject: "Say what by --point, --box or --mask.",
    errors.HoleTooLarge: "Mark less, or remove one part after the other.",
    errors.CapabilityMissing: "Leave --engine out, or give a --mask.",
    errors.ModelMissing: "`lacuna models list` says what there is, `lacuna models fetch` gets it.",
    errors.ServerMissing: "Add one with `lacuna server add`, or leave --on server out.",
    errors.BackendStopped: "Run it again, with other programs closed.",
    errors.OutOfMemory: "Close other programs, or mark a smaller part, and run it again.",
    errors.Bug: "Run it again, and report it if it stays: the log says what happened.",
}

PHRASES = {
    "Enter it in the servers window.": "Add it again: `lacuna server add` asks for the login.",
    "Test it in the servers window: it may have changed since.": (
        "`lacuna server test` says what it has: it may have changed since."
    ),
    "Try again later, or enter another mirror in the models window.": (
        "Try again later, or give another --mirror."
    ),
    (
        "Compare the fingerprint with that on the server; if it is the same, trust the "
        "certificate in the servers window."
    ): "Compare the fingerprint with that on the server; `lacuna server trust` takes it as right.",
    "Choose another file in the form of the server.": "Give another file with --ca.",
}
"""Next steps of errors that have several, as they are in English: here nothing is translated."""


def terminal_sentence(error: BaseException) -> str:
    """Title, text and next step in one line."""
    message = explain(error)
    step = STEPS.get(type(error)) or PHRASES.get(message.next_step, message.next_step)
    if isinstance(error, errors.ImageTooLarge):
        asked = "Nothing was loaded. --max-megapixels allows more."
        step = asked if error.what == "pixels" else "Nothing was loaded. Give a smaller one."
    return message._replace(next_step=step).sentence
