"""The example of each category, in the order of ``materials/catalogue.csv``."""

from materials.examples.person import PERSON
from materials.examples.picture import Example
from materials.examples.work import WORK

EXAMPLES: dict[str, Example] = PERSON | WORK
