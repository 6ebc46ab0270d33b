"""The subject of a picture without a model: what differs from whatever reaches the frame.

After Zhu, Liang, Wei and Sun, "Saliency optimization from robust background detection" (2014): a
patch belongs to the background as far as what is like it in colour, and connected to it, lies along
the frame; a patch stands out by its difference in colour from the background near it; both are
balanced between neighbours of one colour by least squares. It is a guess by colour, and knows no
objects.
"""

import numpy as np

from engine.builtin.select.edges import Floats
from engine.builtin.select.graph_cut import cut, refined
from engine.builtin.select.outline import enlarge
from engine.builtin.select.prepared import PreparedPicture, report
from engine.builtin.select.superpixels import Superpixels
from engine.errors import NoSubject
from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.jobs.requests import Candidate

LEAST, MOST = 0.002, 0.9  # shares of the picture that a subject may cover
CONTRAST = 0.25  # between the means inside and outside, 0..1: with less nothing stands out
_ALIKE = 0.1  # Lab / 100: about where two colours are two
_OTHER = 0.3  # from here on one is another thing
_NEAR = 0.25  # of the longer side: so far a background is compared with
_CONNECTED = 1.0  # the length along the frame over the root of the area of a certain background
_TIE, _LOOSEST = 0.1, 0.02  # how neighbours hold together; all of them, a little
_SMOOTHNESS, _BIAS = 1.0, -0.3  # of the cut between subject and background


def subject(
    prepared: PreparedPicture, image: Image, job: JobContext | None = None
) -> list[Candidate]:
    """The one candidate for the subject of an (H, W, 3) image. Raises NoSubject."""
    patches = prepared.patches
    chance = standing_out(patches, max(prepared.image.shape[:2]))
    report(job, 0.7)
    region = cut(patches, chance, _SMOOTHNESS, _BIAS, [], [])
    share = float(region @ patches.area) / prepared.pixels
    if not LEAST <= share <= MOST or _contrast(chance, region, patches.area) < CONTRAST:
        raise NoSubject
    mask = refined(prepared, region[patches.labels], [])
    report(job, 0.8)
    rect, found = enlarge(mask, image)
    if rect.is_empty:
        raise NoSubject
    score = float(chance[region] @ patches.area[region]) / float(patches.area[region].sum())
    return [Candidate(rect=rect, mask=found, score=min(score, 1.0))]


def standing_out(patches: Superpixels, side_px: int) -> Floats:
    """(n,) 0..1 how much each patch stands out; `side_px` is the longer side of the picture."""
    if patches.count < 3:
        return np.zeros(patches.count, np.float32)
    colour = np.linalg.norm(patches.mean[:, None] - patches.mean[None], axis=2)
    behind = _background(patches, colour)
    away = np.linalg.norm(patches.centre[:, None] - patches.centre[None], axis=2) / side_px
    weight = np.exp(-((away / _NEAR) ** 2) / 2) * behind * patches.area
    differs = (colour * weight).sum(1) / np.maximum(weight.sum(1), 1e-9)
    differs = np.clip(differs / (2 * _ALIKE), 0, 1) * (1 - behind)
    return _balanced(patches, differs, behind)


def _background(patches: Superpixels, colour: Floats) -> Floats:
    """(n,) 0..1 how surely each patch is background."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    step = np.maximum(colour[patches.first, patches.second] - 0.3 * _ALIKE, 0) + 1e-6
    n = patches.count
    graph = coo_matrix((step, (patches.first, patches.second)), shape=(n, n)).tocsr()
    gaps = dijkstra(graph, directed=False, limit=_OTHER)  # infinite beyond
    like = np.exp(-((gaps / _ALIKE) ** 2) / 2)
    length = like @ patches.frame / np.sqrt(like @ patches.area)
    return 1 - np.exp(-((length / _CONNECTED) ** 2) / 2)


def _balanced(patches: Superpixels, front: Floats, behind: Floats) -> Floats:
    """(n,) 0..1: near 1 in front, near 0 behind, and alike where neighbours are alike."""
    from scipy.sparse import coo_matrix, csc_matrix, diags
    from scipy.sparse.linalg import spsolve

    gap = np.linalg.norm(patches.mean[patches.first] - patches.mean[patches.second], axis=1)
    bond = np.exp(-((gap / _TIE) ** 2) / 2) + _LOOSEST
    n, ends = patches.count, (patches.first, patches.second)
    near = coo_matrix((bond, ends), shape=(n, n))
    near = near + near.T
    tied = diags(np.asarray(near.sum(1)).ravel()) - near
    found = spsolve(csc_matrix(tied + diags(front + behind + 1e-6)), front)
    return np.clip(np.asarray(found, np.float32), 0, 1)


def _contrast(chance: Floats, region: np.ndarray, area: Floats) -> float:
    means = [float(chance[r] @ area[r]) / max(float(area[r].sum()), 1) for r in (region, ~region)]
    return means[0] - means[1]
