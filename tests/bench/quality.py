"""The functions that the quality scorers call: exactly those of the editor.

python score_click.py tests.bench.quality:segment --box tests.bench.quality:segment_box
python score_remove.py tests.bench.quality:remove

Those of the light engine are in `tests.bench.quality_light`, with the same names.
"""

from tests.bench.quality_remove import remove
from tests.bench.quality_select import segment, segment_box

__all__ = ["remove", "segment", "segment_box"]
