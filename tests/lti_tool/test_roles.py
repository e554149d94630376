import pytest

from lti_tool.roles import is_test_user, role_of

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"


@pytest.mark.parametrize(
    "names",
    [
        [f"{MEMBERSHIP}#Instructor"],
        [f"{MEMBERSHIP}#instructor"],
        [f"{MEMBERSHIP}#ContentDeveloper"],
        [f"{MEMBERSHIP}#Administrator"],
        [f"{MEMBERSHIP}#Manager"],
        [f"{MEMBERSHIP}#TeachingAssistant"],
        [f"{MEMBERSHIP}/Instructor#TeachingAssistant"],
        [f"{MEMBERSHIP}/instructor#teachingassistant"],
        ["Instructor"],
        ["TeachingAssistant", "Learner"],
        [f"{MEMBERSHIP}#Instructor", f"{INSTITUTION}Staff", f"{INSTITUTION}Other"],
        [f"{INSTITUTION}Administrator", f"{MEMBERSHIP}#Instructor", f"{SYSTEM}Administrator"],
        [f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor"],
        [f"{SYSTEM}Administrator"],
        [f"{INSTITUTION}Administrator"],
        [f"{INSTITUTION}Instructor"],
        ["", f"{SYSTEM}Administrator"],
    ],
)
def test_those_who_teach_are_instructors(names: list[str]) -> None:
    assert role_of(names) == "instructor"


@pytest.mark.parametrize(
    "names",
    [
        [],
        [""],
        ["Learner"],
        ["Helper"],
        [f"{MEMBERSHIP}#Learner"],
        [f"{MEMBERSHIP}#Mentor"],
        [f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Mentor"],
        [f"{MEMBERSHIP}#Learner", f"{INSTITUTION}Instructor"],
        [f"{MEMBERSHIP}#Learner", f"{SYSTEM}Administrator"],
        ["Learner", f"{INSTITUTION}Administrator"],
        [f"{MEMBERSHIP}/Learner#Instructor"],
        [f"{MEMBERSHIP}#Officer", f"{SYSTEM}SysAdmin"],
        [f"{INSTITUTION}Student", f"{INSTITUTION}Staff", f"{INSTITUTION}Faculty"],
        ["http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper"],
        ["http://evil.example/membership#Instructor"],
        [f"x{MEMBERSHIP}#Instructor"],
        [f"{MEMBERSHIP}#Instructor\n"],
        [f"{MEMBERSHIP}#"],
        ["urn:lti:instrole:ims/lis/Administrator"],
        ["\ud800"],
    ],
)
def test_everybody_else_is_a_learner(names: list[str]) -> None:
    assert role_of(names) == "learner"


def test_the_platforms_stand_in_student_is_known() -> None:
    assert is_test_user(["Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"])
    assert not is_test_user(["Learner", "TestUser"])
