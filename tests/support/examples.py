"""Numbers of Hypothesis examples: the profile's, or fewer where a single example is costly."""

from hypothesis import settings


def at_most(count: int) -> settings:
    """The loaded profile with no more than `count` examples; the test says what one costs."""
    return settings(max_examples=min(count, settings().max_examples))
