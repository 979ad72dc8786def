"""The example picture of each material category, drawn by the project itself.

``draw_example`` is pure: the same code gives the same bytes. The ``draw_examples`` command writes the pictures to
``static/examples``.
"""

from materials.examples.catalogue import EXAMPLES
from materials.examples.picture import draw

CODES: tuple[str, ...] = tuple(EXAMPLES)


def draw_example(code: str) -> str:
    """The example picture of a category as SVG text; KeyError when the code has none."""
    return draw(EXAMPLES[code])


__all__ = ["CODES", "draw_example"]
