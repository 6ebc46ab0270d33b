"""Text from anywhere, made fit for UTF-8 files.

JSON, a paste that was cut and names of files may hold one half of a surrogate pair, which no file
in UTF-8 can.
"""


def mended(text: str) -> str:
    """The same text; halves that belong together become one character, others U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
