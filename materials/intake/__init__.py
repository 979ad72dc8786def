"""Taking in a picture: whatever bytes arrive become a clean, upright picture within the limit, or are refused.

Pure functions over bytes: nothing here reads or writes a file, a table or the clock. How a picture goes
through: ``recognise`` names the format by content; ``jpeg_file``, ``png_file`` and ``heic_file`` check the
container and cut out all that is not pixels; ``decode`` lets exactly one decoder run on that; ``take`` decides
what is kept without loss and what is fitted. ``isolated`` has all that done in a process that ends with the
picture (``forkserver``). Rules: docs/product.md, rules 2 and 3.
"""

from .isolated import Unavailable, take_in
from .outcome import Policy, Prepared, Refused

__all__ = ["Policy", "Prepared", "Refused", "Unavailable", "take_in"]
