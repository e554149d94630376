"""Faults of lessons and introductions, each with its file and line."""

import pytest

from course.catalog import load_course
from course.items import Lesson
from tests.course.course_files import INTRODUCTION, LESSON, CourseFiles

FILE = "module-1/lesson-1.md"


@pytest.mark.parametrize(
    ("markdown", "offset", "message"),
    [
        ("Some <b>bold</b> text", 0, "HTML is not allowed: <b>"),
        ("fine\n\n<!-- note -->", 2, "HTML is not allowed: <!-- note -->"),
        ("fine\nfine `a\nb` [x](ftp://a.b)", 2, "The link to 'ftp://a.b' cannot be used."),
        ("[x](javascript:alert(1))", 0, "The link to 'javascript:alert(1)' cannot be used."),
        ("[x](https://[)", 0, "The link to 'https://%5B' cannot be used."),
        ("[x](lesson-2.md)", 0, "The link to 'lesson-2.md' cannot be used."),
        ("<mailto:a@b.c>", 0, "The link to 'mailto:a@b.c' cannot be used."),
        ("[](https://a.b)", 0, "A link has no text."),
        ("[x](item:lesson-9)", 0, "The course has no item `lesson-9`."),
        ("a\n\n[x](item:lesson-1#nowhere)", 2, "The item `lesson-1` has no section `nowhere`."),
        ("[x](item:quiz-1#deep)", 0, "The item `quiz-1` has no section `deep`."),
        ("[layers](term:layer)", 0, "The term `layer` is not defined."),
        ("[layers](term:La_yer)", 0, "'term:La_yer' is not the id of a term."),
        ("![](x.png)", 0, "The image 'x.png' has no alt text."),
        ("![A curve](none.png)", 0, "There is no file module-1/none.png."),
        ("![A curve](../../x.png)", 0, "The image '../../x.png' is not a file of this course."),
        ("![A curve](/etc/x.png)", 0, "The image '/etc/x.png' is not a file of this course."),
        ("![A curve](https://a.b/x.png)", 0, "The image 'https://a.b/x.png' is not a file of this course."),
        ("![A curve](lesson-1.md)", 0, "The image module-1/lesson-1.md is of no known kind."),
        ("> [!tip] A tip\n> text", 0, "There is no callout [!tip]."),
        ("> [!peers] Title only", 0, "A callout has no text."),
        ("- a\n\n  > [!peers]\n  > text", 2, "A callout stands inside a list or a quote."),
        ("# Title", 0, "A heading with # cannot be used here."),
        ("#### Deep", 0, "A heading with #### cannot be used here."),
        ("### Sub {#sub}", 0, "Only a section has an id."),
        ("- ## In a list {#in-a-list}", 0, "A heading cannot stand in a list or a quote."),
        ("## No id\n\nText", 0, 'The section "No id" has no id.'),
        ("## Bad {#Bad Id}\n\nText", 0, "`Bad Id` is not an id: 1 to 64 lower-case letters, digits and hyphens are."),
        ("## Twice {#what-it-is}\n\nText", 0, "The section id `what-it-is` is used twice; the first time in line 12."),
        ("## Mine {#term-x}\n\nText", 0, "A section's id must not begin with term- or callout-."),
        ("## Empty {#empty}", 0, 'The section "Empty" has no text.'),
        ("## {#nameless}\n\nText", 0, "A section has no heading."),
        ("## An *odd* one {#odd}\n\nText", 0, "This must be plain text, without markup."),
    ],
)
def test_the_line_is_named_when_markdown_is_at_fault(
    files: CourseFiles, markdown: str, offset: int, message: str
) -> None:
    first = files.add_to_lesson(markdown)
    assert (FILE, first + offset, message) in files.problems()
    assert set(files.places()) == {(FILE, first + offset)}


def test_an_id_is_suggested_when_a_section_has_none(files: CourseFiles) -> None:
    files.add_to_lesson("## Café: what isn't?\n\nText")
    assert files.only_problem().hint == "Write: ## Café: what isn’t? {#cafe-what-isnt}"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("title: It's Not Magic\n", "", 2, "The file has no `title`."),
        ("title: It's Not Magic", "title: ''", 2, "`title` must not be empty."),
        ("title: It's Not Magic", "title: 2012", 2, "`title` must be a text, not the number 2012."),
        ("title: It's Not Magic", "title: It's *not*", 2, "`title`: This must be plain text, without markup."),
        ("subtitle:", "subtile:", 3, "The file has an unknown key `subtile`."),
        ("opening_question: How", "opening_question: A: how", 4, "There is a colon where YAML expects none."),
        ("    name: Weight\n", "", 6, "Term weight has no `name`."),
        ("    definition: A number that *training* changes.", "    definition:", 8,
         "Term weight: `definition` must be a text, not nothing."),
        ("A number that *training* changes.", "A [number](https://a.b).", 8,
         "`definition`: A link cannot stand in a stem, a choice or a definition."),
        ("A number that *training* changes.", "'&nbsp;'", 8, "`definition` shows no text."),
        ("[weights](term:weight)", "weights", 6, "The term `weight` is never used."),
        ("title: It's", "title: a\ntitle: It's", 3, "`title` is given twice; the first time in line 2."),
    ],
)  # fmt: skip
def test_the_line_is_named_when_front_matter_is_at_fault(
    files: CourseFiles, old: str, new: str, line: int, message: str
) -> None:
    files.replace(FILE, old, new)
    assert files.problems() == [(FILE, line, message)]


def test_the_id_is_corrected_in_the_hint_when_a_terms_id_is_none(files: CourseFiles) -> None:
    files.write(FILE, LESSON.replace("  weight:", "  Big Weight:").replace("[weights](term:weight)", "weights"))
    problem = files.only_problem()
    assert problem.message == "The id `Big Weight` must be 1 to 64 lower-case letters, digits and hyphens."
    assert (problem.line, problem.hint) == (6, "Write `big-weight`.")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Just text.", 1, "The front matter is missing: the lines between two --- at the top of the file."),
        ("", 1, "The front matter is missing: the lines between two --- at the top of the file."),
        ("---\ntitle: a\n", 1, "The front matter is never closed."),
        ("---\n---\ntext", 2, "There is nothing here to read."),
        ("---\n- a\n---\ntext", 2, "The file must be keys with values, not a list."),
        ("---\ntitle: a\n---\n\n", 4, "The page has no text."),
    ],
)
def test_the_file_is_refused_when_front_matter_or_text_is_missing(
    files: CourseFiles, text: str, line: int, message: str
) -> None:
    files.write(FILE, text)
    assert files.problems() == [(FILE, line, message)]


def test_every_fault_is_reported_when_there_are_several(files: CourseFiles) -> None:
    files.write(FILE, LESSON.replace("title: It's", "tilte: It's").replace("{#what-it-is}", ""))
    files.write("module-1/introduction.md", INTRODUCTION.replace("Welcome", "<i>Welcome"))
    files.add_to_lesson("[x](item:nothing)")
    assert files.places() == [("module-1/introduction.md", 5), (FILE, 2), (FILE, 2), (FILE, 12), (FILE, 23)]


def test_an_opening_question_is_refused_when_the_page_is_an_introduction(files: CourseFiles) -> None:
    files.replace("module-1/introduction.md", "subtitle:", "opening_question: Why?\nsubtitle:")
    assert files.problems() == [("module-1/introduction.md", 3, "Only a lesson has an opening question.")]


def test_an_image_is_among_the_assets_when_the_text_shows_it(files: CourseFiles) -> None:
    files.write("images/curve.png", b"png")
    files.add_to_lesson("![A curve that falls](../images/curve.png)")
    assert load_course(files.folder).assets == {"images/curve.png"}


def test_links_within_the_course_are_kept_when_their_targets_exist(files: CourseFiles) -> None:
    files.add_to_lesson("[there](item:lesson-1#what-it-is), [quiz](item:quiz-1)")
    assert files.problems() == []


def test_a_term_belongs_to_the_section_of_its_first_use_when_used_often(files: CourseFiles) -> None:
    files.add_to_lesson("More [weights](term:weight).")
    lesson = load_course(files.folder).item("lesson-1")
    assert isinstance(lesson, Lesson)
    assert [section.term_ids for section in lesson.sections] == [("weight",), ()]
    files.replace(FILE, "Ada asked", "About [weights](term:weight) Ada asked")
    lesson = load_course(files.folder).item("lesson-1")
    assert isinstance(lesson, Lesson)
    assert (lesson.story_term_ids, [section.term_ids for section in lesson.sections]) == (("weight",), [(), ()])


def test_a_smaller_heading_is_kept_when_it_stands_in_a_section(files: CourseFiles) -> None:
    files.add_to_lesson("### One more thing\n\nText")
    lesson = load_course(files.folder).item("lesson-1")
    assert isinstance(lesson, Lesson)
    assert "<h3>One more thing</h3>" in lesson.sections[1].html
