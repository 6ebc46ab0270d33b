"""The functions that the quality scorers call: exactly those of the editor.

python score_click.py tests.bench.quality:segment --box tests.bench.quality:segment_box
python score_remove.py tests.bench.quality:remove
"""

from tests.bench.quality_remove import remove
from tests.bench.quality_select import segment, segment_box

__all__ = ["remove", "segment", "segment_box"]
