"""Names of the undo steps, in the user's language."""

from app.i18n import QT_TRANSLATE_NOOP, translate

LABELS = (
    QT_TRANSLATE_NOOP("History", "Open"),
    QT_TRANSLATE_NOOP("History", "Select object"),
    QT_TRANSLATE_NOOP("History", "Select subject"),
    QT_TRANSLATE_NOOP("History", "Other candidate"),
    QT_TRANSLATE_NOOP("History", "Accept selection"),
    QT_TRANSLATE_NOOP("History", "Drop points"),
    QT_TRANSLATE_NOOP("History", "Select all"),
    QT_TRANSLATE_NOOP("History", "Select none"),
    QT_TRANSLATE_NOOP("History", "Reselect"),
    QT_TRANSLATE_NOOP("History", "Invert"),
    QT_TRANSLATE_NOOP("History", "Transparency"),
    QT_TRANSLATE_NOOP("History", "Open mask"),
    QT_TRANSLATE_NOOP("History", "Rectangle"),
    QT_TRANSLATE_NOOP("History", "Polygon"),
    QT_TRANSLATE_NOOP("History", "Lasso"),
    QT_TRANSLATE_NOOP("History", "Wand"),
    QT_TRANSLATE_NOOP("History", "Brush"),
    QT_TRANSLATE_NOOP("History", "Erase"),
    QT_TRANSLATE_NOOP("History", "Adjust mask"),
    QT_TRANSLATE_NOOP("History", "Snap to edges"),
    QT_TRANSLATE_NOOP("History", "Soft edge"),
    QT_TRANSLATE_NOOP("History", "Find"),
    QT_TRANSLATE_NOOP("History", "Store selection"),
    QT_TRANSLATE_NOOP("History", "Store found"),
    QT_TRANSLATE_NOOP("History", "Rename object"),
    QT_TRANSLATE_NOOP("History", "Show or hide object"),
    QT_TRANSLATE_NOOP("History", "Move object"),
    QT_TRANSLATE_NOOP("History", "Delete object"),
    QT_TRANSLATE_NOOP("History", "Load object"),
    QT_TRANSLATE_NOOP("History", "Combine objects"),
    QT_TRANSLATE_NOOP("History", "Remove"),
    QT_TRANSLATE_NOOP("History", "Apply variant"),
    QT_TRANSLATE_NOOP("History", "Paint"),
)
"""Every label of an undo step."""


def label_of(step: str) -> str:
    return translate("History", step)
