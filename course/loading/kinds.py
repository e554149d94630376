"""The kinds of item a course can hold. A new one is a module beside `pages`, an entry here and in `ItemKind`, and its
name in `course/schema/course.schema.json`; a test keeps them in step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from course.items import Item, ItemKind
from course.loading.labs import load_lab
from course.loading.pages import load_introduction, load_lesson
from course.loading.quizzes import quiz_loader
from course.loading.reading import ItemEntry, Reading


@dataclass(frozen=True, slots=True)
class KindOfItem:
    """`load(entry, text, reading)` makes the item from its file's text, reports faults to the reading, and gives None
    when too little of the file could be read."""

    load: Callable[[ItemEntry, str, Reading], Item | None]
    is_graded: bool = False


KINDS: Mapping[str, KindOfItem] = {
    ItemKind.INTRODUCTION: KindOfItem(load_introduction),
    ItemKind.LESSON: KindOfItem(load_lesson),
    ItemKind.QUIZ: KindOfItem(quiz_loader(ItemKind.QUIZ), is_graded=True),
    ItemKind.LAB: KindOfItem(load_lab, is_graded=True),
    ItemKind.TEST: KindOfItem(quiz_loader(ItemKind.TEST), is_graded=True),
}
