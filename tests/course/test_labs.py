"""Labs and rubrics: what is read from them, who may see what, and every fault with its file and line."""

import json
from dataclasses import replace

import pytest

from course.catalog import Catalog
from course.check import check_course
from course.errors import UnreadableSnapshot
from course.items import Feedback, Graded, Lab, Partner, Policy
from course.rubric import rubric_hash
from course.snapshots import content_hash, item_from_snapshot, snapshot
from tests.course.course_files import COURSE, CourseFiles
from tests.course.lab_files import LAB, LAB_ENTRY, LAB_FILE, RUBRIC, RUBRIC_FILE, lab_of, with_lab

FOR_AUTHORS = ("brisk", "think", "Names a cause alone", "roof", "guess", "The dates", "Slogans", "A name alone")


def test_a_lab_is_read_with_its_rubric_when_both_files_are_sound(files: CourseFiles) -> None:
    lab = lab_of(with_lab(files))
    assert isinstance(lab, Graded)
    assert (lab.title, lab.label, lab.role_line) == ("Read the Thermometer", "Lab", "A greenhouse pays you.")
    assert (lab.scenario_html, lab.task_html) == (
        "<p>The forecast was <em>good</em> until May.</p>",
        "<p>Say what went wrong.</p>",
    )
    assert lab.partner == Partner(name="Partner", role="Asks for evidence.", persona='You are "brisk".\n')
    assert (lab.opening_move, lab.max_turns, lab.minutes) == ("What happened?", 6, 10)
    assert [(one.id, one.covers) for one in lab.follow_ups] == [("from-what", "cause"), ("be-sure", "check")]
    assert lab.follow_ups[0].text == "What made you \u201cthink\u201d so?"
    assert lab.strong_answer == "The *roof* changed in May.\n"
    assert lab.policy == Policy(points=100.0, feedback=Feedback.AFTER_SUBMIT)


def test_a_rubric_is_read_whole_when_it_is_sound(files: CourseFiles) -> None:
    rubric = lab_of(with_lab(files)).rubric
    assert (rubric.lab_id, rubric.general_rulings) == ("lab-1", ("Only the learner's own words count.",))
    cause, check = rubric.criteria
    assert (cause.id, cause.name, cause.weight) == ("cause", "Cause", 60)
    assert (cause.counts, cause.does_not_count, cause.rulings) == (
        ("The dates.",),
        ("Slogans.",),
        ("A name alone is level 2.",),
    )
    assert cause.level(1).exemplars == ("Too small", "Too big")
    assert check.rulings == ()
    assert rubric.criterion("check") is check
    with pytest.raises(KeyError):
        rubric.criterion("other")
    with pytest.raises(KeyError):
        cause.level(5)


def test_levels_go_down_from_four_when_the_file_has_another_order_and_no_points(files: CourseFiles) -> None:
    levels = lab_of(with_lab(files)).rubric.criterion("check").levels
    assert [(level.level, level.points_percent) for level in levels] == [(4, 100), (3, 75), (2, 40), (1, 0), (0, 0)]


def test_policy_is_as_for_quizzes_when_a_lab_has_one(files: CourseFiles) -> None:
    with_lab(files).write("course.yaml", COURSE + LAB_ENTRY + "        policy: {attempts: 1, points: 20}\n")
    policy = lab_of(files).policy
    assert (policy.attempts, policy.points) == (1, 20.0)


def test_labs_are_counted_when_a_course_has_one(files: CourseFiles) -> None:
    report = check_course(with_lab(files).folder)
    assert (report.labs, report.problems) == (1, 0)


def test_nothing_for_authors_is_in_it_when_students_get_the_rubric_or_a_log_gets_the_lab(files: CourseFiles) -> None:
    lab = lab_of(with_lab(files))
    everything = json.dumps(snapshot(lab))
    for told in (repr(lab.rubric.for_students()), repr(lab), repr(lab.rubric)):
        assert "Cause" in told or told == repr(lab)
        for word in FOR_AUTHORS:
            assert word in everything
            assert word not in told


def test_students_read_names_weights_and_descriptors_when_they_get_the_rubric(files: CourseFiles) -> None:
    cause, check = lab_of(with_lab(files)).rubric.for_students()
    assert [(one.id, one.name, one.weight) for one in (cause, check)] == [
        ("cause", "Cause", 60),
        ("check", "Check", 40),
    ]
    assert [(level.level, level.points_percent, level.descriptor) for level in cause.levels][:2] == [
        (4, 100, "Names May and why."),
        (3, 75, "Names May."),
    ]


def test_a_lab_comes_back_the_same_when_its_snapshot_went_through_json(files: CourseFiles) -> None:
    lab = lab_of(with_lab(files))
    again = item_from_snapshot(json.loads(json.dumps(snapshot(lab))))
    assert again == lab
    assert isinstance(again, Lab)
    assert (content_hash(again), rubric_hash(again.rubric)) == (content_hash(lab), rubric_hash(lab.rubric))


def test_the_snapshot_is_refused_when_a_field_of_a_lab_is_missing(files: CourseFiles) -> None:
    whole = snapshot(lab_of(with_lab(files)))
    for name in whole:
        with pytest.raises(UnreadableSnapshot):
            item_from_snapshot({key: value for key, value in whole.items() if key != name})


@pytest.mark.parametrize("damage", [{"criteria": 5}, {"criteria": [{}]}, {"criteria": [{"levels": [{"level": 1}]}]}])
def test_the_snapshot_is_refused_when_its_rubric_is_damaged(files: CourseFiles, damage: dict[str, object]) -> None:
    whole = snapshot(lab_of(with_lab(files)))
    with pytest.raises(UnreadableSnapshot):
        item_from_snapshot({**whole, "rubric": {**whole["rubric"], **damage}})


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (RUBRIC_FILE, "Names May and why.", "Names June and why."),
        (RUBRIC_FILE, "[hm]", "[hmm]"),
        (RUBRIC_FILE, "points_percent: 40", "points_percent: 50"),
        (RUBRIC_FILE, "The dates.", "The weeks."),
        (RUBRIC_FILE, "A name alone is", "A word alone is"),
        (RUBRIC_FILE, "learner's own", "learner's"),
    ],
)
def test_the_rubrics_hash_changes_when_anything_in_it_does(files: CourseFiles, file: str, old: str, new: str) -> None:
    before = rubric_hash(lab_of(with_lab(files)).rubric)
    files.replace(file, old, new)
    assert rubric_hash(lab_of(files).rubric) != before


def test_the_rubrics_hash_stays_when_only_the_lab_changes(files: CourseFiles) -> None:
    before = lab_of(with_lab(files))
    files.replace(LAB_FILE, "What happened?", "What broke?")
    after = lab_of(files)
    assert rubric_hash(after.rubric) == rubric_hash(before.rubric)
    assert content_hash(after) != content_hash(before) == content_hash(replace(after, opening_move="What happened?"))


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("        rubric: module-1/lab-1.rubric.yaml\n", "", 14, "Module 1, item 4 has no `rubric`."),
        ("rubric: module-1/lab-1.rubric.yaml", "rubric: module-1/lab-9.rubric.yaml", 17,
         "There is no file module-1/lab-9.rubric.yaml."),
        ("rubric: module-1/lab-1.rubric.yaml", "rubric: module-1", 17, "module-1 is not a file."),
        ("rubric: module-1/lab-1.rubric.yaml", "rubric: module-1/quiz-1.yaml", 17,
         "The file module-1/quiz-1.yaml already belongs to the item `quiz-1`."),
        ("rubric: module-1/lab-1.rubric.yaml", "rubric: module-1/lab-1.yaml", 17,
         "The file module-1/lab-1.yaml already belongs to the item `lab-1`."),
        ("rubric: module-1/lab-1.rubric.yaml", "rubric: /etc/passwd", 17,
         "Module 1, item 4: `rubric` must be a path from the course folder, such as module-1/lesson-1.md: letters, "
         "digits, . _ - and / only, no part beginning with a dot."),
        ("        label: Quiz\n", "        label: Quiz\n        rubric: module-1/more.yaml\n", 14,
         "The kind quiz has no rubric."),
    ],
)  # fmt: skip
def test_the_line_is_named_when_course_yaml_has_a_labs_rubric_wrong(
    files: CourseFiles, old: str, new: str, line: int, message: str
) -> None:
    with_lab(files).replace("course.yaml", old, new)
    assert ("course.yaml", line, message) in files.problems()


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("title: Read the Thermometer\n", "", 1, "The file has no `title`."),
        ("title: Read the Thermometer", "title: '*Read*'", 1, "`title`: This must be plain text, without markup."),
        ("role_line: A greenhouse pays you.", "role_line: ''", 2, "`role_line` must not be empty."),
        ("*good*", "<b>good", 3, "`scenario`: HTML is not allowed: <b>"),
        ("task: Say what went wrong.", "task: '# Say'", 5,
         "`task`: A heading cannot stand in a text of a quiz or a lab."),
        ("task: Say what", "task: '[Say](item:lesson-9)' #", 5, "The course has no item `lesson-9`."),
        ("task: Say what", "task: '![](curve.png)' #", 5, "`task`: The image 'curve.png' has no alt text."),
        ("  name: Partner\n", "", 6, "`partner` has no `name`."),
        ("name: Partner", "name: '*Partner*'", 7, "`name`: This must be plain text, without markup."),
        ("role: Asks for evidence.", "roll: Asks.\n  role: Asks.", 8, "`partner` has an unknown key `roll`."),
        ('    You are "brisk".\n', "", 9, "`persona` must not be empty."),
        ("opening_move: What happened?\n", "", 1, "The file has no `opening_move`."),
        ("id: be-sure", "id: from-what", 17, "The id `from-what` is used twice; the first time in line 13."),
        ("covers: check", "covers: cheque", 20, "The rubric has no criterion `cheque`."),
        ('text: What made you "think" so?', "text: '**What**?'", 14,
         "`text`: This must be plain text, without markup."),
        ("    when: Names no check.\n", "", 17, "Follow-up 2 has no `when`."),
        ("The *roof* changed", "The <i>roof changed", 21, "`strong_answer`: HTML is not allowed: <i>"),
        ("strong_answer: |\n  The *roof* changed in May.\n", "", 1, "The file has no `strong_answer`."),
        ("max: 6", "max: 0", 24, "`max` must be a whole number from 1 to 50."),
        ("turns:\n  max: 6", "turns: 6", 23, "`turns` must be keys with values, not the number 6."),
        ("minutes: 10", "minutes: ten", 25, '`minutes` must be a whole number, not the text "ten".'),
        ("minutes: 10", "minutes: 0", 25, "`minutes` must be a whole number from 1 to 600."),
        ("minutes: 10", "minutes: 10\npoints: 5", 26, "The file has an unknown key `points`."),
        ("title: Read the", "title: !Read the", 1,
         "A text begins with *, & or !, which YAML reads as a reference, a mark or a tag."),
    ],
)  # fmt: skip
def test_the_line_is_named_when_a_lab_is_at_fault(
    files: CourseFiles, old: str, new: str, line: int, message: str
) -> None:
    with_lab(files).replace(LAB_FILE, old, new)
    assert files.problems() == [(LAB_FILE, line, message)]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("lab: lab-1\n", "", 1, "The file has no `lab`."),
        ("lab: lab-1", "lab: lab-2", 1, "This is the rubric of `lab-2`, and course.yaml gives it to `lab-1`."),
        ("weight: 60", "weight: 55", 4, "The weights add up to 95, and must make 100."),
        ("weight: 60", "weight: 60%", 7, 'Criterion 1: `weight` must be a whole number, not the text "60%".'),
        ("weight: 60", "weight: 0", 7,
         "Criterion 1: `weight` must be a whole number from 1 to 100 without a percent sign."),
        ("    name: Check\n", "", 19, "Criterion 2 has no `name`."),
        ("name: Cause", "name: '*Cause*'", 6, "`name`: This must be plain text, without markup."),
        ("      - {level: 0, points_percent: 0, descriptor: Near-silence., exemplars: [hm]}\n", "", 8,
         "There is no level 0."),
        ("level: 3, points", "level: 4, points", 10, "Level 4 is given twice."),
        ("level: 3, points", "level: 5, points", 10,
         "Criterion 1, entry of levels 2: `level` must be a whole number from 0 to 4."),
        ("points_percent: 40", "points_percent: 80", 8, "Level 2 earns more than level 3."),
        ("points_percent: 100", "points_percent: 90", 8, "Level 4 earns 90 percent, so nobody can earn all points."),
        ("points_percent: 40", "points_percent: 140", 11,
         "Criterion 1, entry of levels 3: `points_percent` must be a whole number from 0 to 100 without a percent "
         "sign."),
        (", exemplars: [hm]", "", 13, "Criterion 1, entry of levels 5 has no `exemplars`."),
        ("exemplars: [hm]", "exemplars: []", 13,
         "Criterion 1, entry of levels 5: `exemplars` must have at least 1 entry, and has 0."),
        ("exemplars: [hm]", "exemplars: ['']", 13, "Criterion 1, entry of levels 5, exemplar 1 must not be empty."),
        ("descriptor: Names May.,", "descriptor: Names *May*.,", 10,
         "`descriptor`: This must be plain text, without markup."),
        ("      counts: [The dates.]\n", "", 14, "Criterion 1: `evidence` has no `counts`."),
        ("      does_not_count: [Slogans.]\n", "", 14, "Criterion 1: `evidence` has no `does_not_count`."),
        ("      - A name alone is level 2.", "      - 2", 18,
         "Criterion 1, ruling 1 must be a text, not the number 2."),
        ("  - Only the learner's own words count.", "  - ''", 3, "General ruling 1 must not be empty."),
        ("lab: lab-1", "lab: lab-1\npoints: 5", 2, "The file has an unknown key `points`."),
        ("lab: lab-1", "lab: !lab-1", 1,
         "A text begins with *, & or !, which YAML reads as a reference, a mark or a tag."),
    ],
)  # fmt: skip
def test_the_line_is_named_when_a_rubric_is_at_fault(
    files: CourseFiles, old: str, new: str, line: int, message: str
) -> None:
    with_lab(files).replace(RUBRIC_FILE, old, new)
    assert (RUBRIC_FILE, line, message) in files.problems()
    assert {file for file, _, _ in files.problems()} == {RUBRIC_FILE}


def test_a_criterion_is_named_when_its_id_stands_twice(files: CourseFiles) -> None:
    with_lab(files).replace(RUBRIC_FILE, "id: check", "id: cause")
    assert (RUBRIC_FILE, 19, "The id `cause` is used twice; the first time in line 5.") in files.problems()


@pytest.mark.parametrize("text", ["", "text", "lab: lab-1\ncriteria: 5", "lab: lab-1\ncriteria: []"])
@pytest.mark.parametrize("file", [LAB_FILE, RUBRIC_FILE])
def test_the_course_is_refused_when_a_lab_or_rubric_is_none_at_all(files: CourseFiles, file: str, text: str) -> None:
    with_lab(files).write(file, text)
    report = check_course(files.folder)
    assert report.problems
    assert report.labs == 0


def test_both_files_are_judged_when_both_are_at_fault(files: CourseFiles) -> None:
    with_lab(files).write(LAB_FILE, LAB.replace("max: 6", "max: 0"))
    files.write(RUBRIC_FILE, RUBRIC.replace("weight: 60", "weight: 61"))
    assert files.places() == [(RUBRIC_FILE, 4), (LAB_FILE, 24)]


def test_the_last_good_version_is_served_when_a_rubric_breaks_and_the_next_when_it_is_mended(
    files: CourseFiles,
) -> None:
    with_lab(files)
    catalog = Catalog([files.folder])
    good = catalog.course("small")
    files.replace(RUBRIC_FILE, "weight: 60", "weight: 600")
    assert catalog.reload_if_changed() is False
    assert catalog.course("small") is good
    assert [problem.line for problem in catalog.problems] == [7]
    files.replace(RUBRIC_FILE, "weight: 600\n", "weight: 60\n    # mended\n")
    files.replace(RUBRIC_FILE, "Names May.,", "Names June.,")
    assert catalog.reload_if_changed() is True
    assert catalog.problems == ()
