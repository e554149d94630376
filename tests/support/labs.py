"""The built-in course's labs."""

from course.items import Lab
from tests.support.factory import BUILT_IN

LABS = tuple(item for item in BUILT_IN.items if isinstance(item, Lab))
