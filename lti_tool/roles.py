"""From a platform's role names (LTI Core §5.3.7, appendix A.2) to the two roles we know.

Context roles decide alone if there are any: Canvas sends a student's institution role `Instructor` into courses in
which they are a learner, and Moodle's site admins are instructors wherever they carry the context role too. Only when
no context role came do institution and system roles count; then `Administrator` and `Instructor` make an instructor.
The library's own role classes compare letter by letter and do not know this rule for sub-roles, so they are not used.
"""

import re
from collections.abc import Iterable

INSTRUCTOR = "instructor"
LEARNER = "learner"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

_STAFF_IN_CONTEXT = {"instructor", "teachingassistant", "administrator", "contentdeveloper", "manager"}
_STAFF_ELSEWHERE = {"instructor", "administrator"}
_ADMINISTRATORS = {"administrator", "sysadmin", "accountadmin"}
_VOCABULARY = re.compile(
    r"https?://purl\.imsglobal\.org/vocab/lis/v2/"
    r"(?:(?P<kind>membership)(?:/(?P<principal>[a-z]+))?|(?P<elsewhere>institution|system)/person)"
    r"#(?P<name>[a-z]+)",
    re.IGNORECASE,
)


def role_of(names: Iterable[str]) -> str:
    """`INSTRUCTOR` or `LEARNER`. Unknown and missing roles make a learner: the one who can do least.

    Names may be URIs or the bare names of context roles, in any case of letters. A sub-role
    (`…membership/Instructor#TeachingAssistant`) counts as its principal role, which stands before the `#`.
    """
    in_context: set[str] = set()
    elsewhere: set[str] = set()
    for name in names:
        match = _VOCABULARY.fullmatch(name)
        if match and match["kind"]:
            in_context.add((match["principal"] or match["name"]).lower())
        elif match:
            elsewhere.add(match["name"].lower())
        elif name and ":" not in name:
            in_context.add(name.lower())
    staff = in_context & _STAFF_IN_CONTEXT if in_context else elsewhere & _STAFF_ELSEWHERE
    return INSTRUCTOR if staff else LEARNER


def is_test_user(names: Iterable[str]) -> bool:
    """Whether the platform marks this person as its own stand-in (Canvas's "Test Student")."""
    return any(name.lower() == TEST_USER.lower() for name in names)


def is_administrator(names: Iterable[str]) -> bool:
    """Whether these are the roles of somebody who looks after the platform or its institution, whatever they are in a
    course (LTI Core §A.2.1, §A.2.2). A bare `Administrator` is a role in a course."""
    matches = (_VOCABULARY.fullmatch(name) for name in names)
    return any(match["elsewhere"] and match["name"].lower() in _ADMINISTRATORS for match in matches if match)
