"""Why something waits for a person, and what the checks found, in words."""

from lti_tool.web.i18n import lazy_gettext

KINDS = {
    "decide": lazy_gettext("Decide the grade"),
    "appeal": lazy_gettext("Answer the student"),
    "sample": lazy_gettext("Look without seeing the AI’s levels"),
}
REASONS = {
    "no-reading": lazy_gettext("The AI gave no reading that can be used."),
    "split": lazy_gettext("The AI’s readings differ."),
    "low-confidence": lazy_gettext("The AI is not sure."),
    "flagged": lazy_gettext("The student’s text speaks to whoever grades it, or hides something."),
    "beside-the-point": lazy_gettext("The level would rest on text that is not about the case."),
    "leak": lazy_gettext("The AI’s reply gave its instructions away."),
    "cut": lazy_gettext("The conversation is longer than the AI reads."),
    "no-ai-wanted": lazy_gettext("The student chose to be read by a person only."),
    "no-model": lazy_gettext("No AI was at hand; what is suggested was found by a rule."),
    "outage": lazy_gettext("The AI could not be reached for a day."),
    "switched-off": lazy_gettext("AI has been switched off for a day."),
    "budget": lazy_gettext("What may be spent on the AI is used up."),
    "after-review": lazy_gettext("Results of this lab are released by a person."),
    "appeal": lazy_gettext("The student asks for a second look."),
}
FLAGS = {
    "instruction": lazy_gettext("an instruction to whoever grades"),
    "grade": lazy_gettext("a demand for a level or a grade"),
    "authority": lazy_gettext("a claim to speak for the staff"),
    "role-tag": lazy_gettext("a turn that pretends to be somebody else’s"),
    "result": lazy_gettext("a made-up result"),
    "encoded": lazy_gettext("encoded text"),
    "other-language": lazy_gettext("an instruction in another language"),
    "hidden-characters": lazy_gettext("characters that cannot be seen"),
    "canary": lazy_gettext("the AI’s secret marker"),
    "aside": lazy_gettext("text about the grading or the conversation"),
}
"""The kinds of `grading.prechecks` that may be serious; others only steer what the AI is shown."""

DONE = {
    "decided": lazy_gettext("Saved. The student sees it now, and the grade is on its way."),
    "held": lazy_gettext("Saved. The student sees it on the date of release."),
    "answered": lazy_gettext("Sent. The student finds your answer with the result."),
    "looked": lazy_gettext("Saved. It changes no grade."),
}
"""What has just been done, by the name that the list's address carries."""

FOUND_BY = {
    "model": lazy_gettext("The AI found: %(level)s."),
    "rule": lazy_gettext("A rule suggests: %(level)s."),
    "person": lazy_gettext("A person decided: %(level)s."),
}
