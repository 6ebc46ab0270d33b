"""The objects that change the open document, made in the one order in which they can be."""

from collections.abc import Callable
from dataclasses import dataclass

from app import paths
from app.journal.pending_files import TaskFiles
from app.services.engines import Engines
from app.session.click_selector import ClickSelector
from app.session.files import Files
from app.session.finder import Finder, SubjectSelector
from app.session.mask_adjuster import MaskAdjuster
from app.session.mask_editor import MaskEditor
from app.session.objects import Objects
from app.session.painter import Painter
from app.session.pending_verbs import PendingVerbs
from app.session.remover import Remover
from app.session.resumable_jobs import ResumableJobs
from app.session.session import Session
from app.session.variants import Variants
from app.session.workflow import Workflows
from engine.image_io.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verbs:
    """Everything that can be done to the document of one window."""

    session: Session
    files: Files
    click_selector: ClickSelector
    mask_editor: MaskEditor
    mask_adjuster: MaskAdjuster
    objects: Objects
    finder: Finder
    subject: SubjectSelector
    variants: Variants
    remover: Remover
    painter: Painter
    resumable_jobs: ResumableJobs
    workflows: Workflows
    pending: PendingVerbs


def make_verbs(session: Session, engines: Engines, limits: Callable[[], Limits]) -> Verbs:
    """All verbs on one session; they live as long as it. `limits` tells what may be opened."""
    files = Files(session, limits, session)
    mask_editor = MaskEditor(session, session)
    subject = SubjectSelector(session, engines, mask_editor, session)
    click_selector = ClickSelector(session, engines, session, known_subject=subject.known)
    mask_adjuster = MaskAdjuster(session, session)
    objects = Objects(session, session)
    finder = Finder(session, engines, mask_editor, objects, session)
    variants = Variants(session, session)
    tasks = TaskFiles(paths.state_dir() / "tasks")
    remover = Remover(session, variants, engines, tasks, session)
    painter = Painter(session, variants, remover, engines, tasks, session)
    return Verbs(
        session=session,
        files=files,
        click_selector=click_selector,
        mask_editor=mask_editor,
        mask_adjuster=mask_adjuster,
        objects=objects,
        finder=finder,
        subject=subject,
        variants=variants,
        remover=remover,
        painter=painter,
        resumable_jobs=ResumableJobs(session, remover, painter, tasks, session),
        workflows=Workflows(session, variants, engines, session),
        pending=PendingVerbs(session, click_selector, session),
    )
