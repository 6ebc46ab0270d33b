"""The canvas and what keeps it in step with the document: overlays, comparison, tools."""

from dataclasses import dataclass

from app.session.verbs import Verbs
from app.tools.hover import HoverPreview
from app.tools.tools import Tools
from app.view.compare import Comparison
from app.view.display import Display
from app.view.found_display import FoundDisplay
from app.view.split_sides import SplitSides
from app.view.view_options import ViewOptions
from widgets.canvas.canvas import Canvas


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PictureView:
    """One canvas with its parts, which live as long as it."""

    canvas: Canvas
    display: Display
    comparison: Comparison
    view_options: ViewOptions
    found_display: FoundDisplay
    tools: Tools
    hover_preview: HoverPreview
    split_sides: SplitSides


def make_picture_view(verbs: Verbs) -> PictureView:
    """A canvas that shows the document of the session and calls its verbs."""
    canvas, session, clicks = Canvas(), verbs.session, verbs.click_selector
    display = Display(
        canvas,
        session,
        clicks,
        verbs.mask_adjuster,
        verbs.objects,
        verbs.remover,
        verbs.painter,
        verbs.variants,
    )
    comparison = Comparison(session, verbs.variants, canvas)
    view_options = ViewOptions(canvas, session, display, comparison)
    found_display = FoundDisplay(canvas, verbs.finder)
    tools = Tools(canvas, clicks, verbs.mask_editor, verbs.finder, canvas)
    return PictureView(
        canvas=canvas,
        display=display,
        comparison=comparison,
        view_options=view_options,
        found_display=found_display,
        tools=tools,
        hover_preview=HoverPreview(canvas, session, clicks, tools),
        split_sides=SplitSides(comparison, view_options),
    )
