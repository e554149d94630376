"""A small sound lab with its rubric, beside the small course: to be spoilt in one place by each test."""

from course.catalog import load_course
from course.items import Lab
from tests.course.course_files import COURSE, CourseFiles

LAB_FILE = "module-1/lab-1.yaml"
RUBRIC_FILE = "module-1/lab-1.rubric.yaml"
LAB_ENTRY = """\
      - id: lab-1
        kind: lab
        file: module-1/lab-1.yaml
        rubric: module-1/lab-1.rubric.yaml
        label: Lab
"""

LAB = """\
title: Read the Thermometer
role_line: A greenhouse pays you.
scenario: |
  The forecast was *good* until May.
task: Say what went wrong.
partner:
  name: Partner
  role: Asks for evidence.
  persona: |
    You are "brisk".
opening_move: What happened?
follow_ups:
  - id: from-what
    text: What made you "think" so?
    when: Names a cause alone.
    covers: cause
  - id: be-sure
    text: What would change your mind?
    when: Names no check.
    covers: check
strong_answer: |
  The *roof* changed in May.
turns:
  max: 6
minutes: 10
"""

RUBRIC = """\
lab: lab-1
general_rulings:
  - Only the learner's own words count.
criteria:
  - id: cause
    name: Cause
    weight: 60
    levels:
      - {level: 4, points_percent: 100, descriptor: Names May and why., exemplars: [May and the roof]}
      - {level: 3, points_percent: 75, descriptor: Names May., exemplars: [May, I "guess"]}
      - {level: 2, points_percent: 40, descriptor: Something changed., exemplars: [Something]}
      - {level: 1, points_percent: 0, descriptor: Another cause., exemplars: [Too small, Too big]}
      - {level: 0, points_percent: 0, descriptor: Near-silence., exemplars: [hm]}
    evidence:
      counts: [The dates.]
      does_not_count: [Slogans.]
    rulings:
      - A name alone is level 2.
  - id: check
    name: Check
    weight: 40
    levels:
      - {level: 0, descriptor: Near-silence., exemplars: [ok]}
      - {level: 1, descriptor: No check., exemplars: [I am sure]}
      - {level: 2, descriptor: More testing., exemplars: [Test it]}
      - {level: 3, descriptor: A check., exemplars: [Plot it]}
      - {level: 4, descriptor: A check that could fail., exemplars: [If April was bad I drop it]}
    evidence:
      counts: [Something to measure.]
      does_not_count: [A remedy.]
"""


def with_lab(files: CourseFiles) -> CourseFiles:
    """The same course with a lab at its end."""
    files.write("course.yaml", COURSE + LAB_ENTRY)
    files.write(LAB_FILE, LAB)
    files.write(RUBRIC_FILE, RUBRIC)
    return files


def lab_of(files: CourseFiles) -> Lab:
    lab = load_course(files.folder).item("lab-1")
    assert isinstance(lab, Lab)
    return lab
