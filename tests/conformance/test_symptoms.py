"""What goes wrong in practice between tools and Moodle or Canvas: each known symptom, and the test that keeps it away.

The numbers are those of the table of symptoms that this tool was built against, so that none can be left out unseen.
"""

import re
from pathlib import Path

import pytest

from lti_tool.launch import ANSWERED_MESSAGES

ROOT = Path(__file__).resolve().parents[2]
LAST = 62
# File by file: what goes wrong, and the test's name.
TESTS: dict[str, dict[int, tuple[str, str]]] = {
    "tests/config/test_outbound.py": {
        52: (
            "a name for the one who asks",
            "test_an_allowed_address_is_asked_under_our_name",
        ),
        54: (
            "no end to a request",
            "test_an_answer_that_drips_without_an_end_is_given_up_at_the_deadline",
        ),
    },
    "tests/conformance/test_claims.py": {
        13: (
            "a clock that is seconds ahead",
            "test_taken",
        ),
        43: (
            "a variable that was not filled in",
            "test_taken",
        ),
    },
    "tests/conformance/test_deep_linking.py": {
        14: (
            "an answer dated in the future",
            "test_response_is_signed_has_every_claim_and_echoes_the_data",
        ),
        16: (
            "custom values that are no text",
            "test_content_items_are_of_an_accepted_type_and_lead_to_this_tool",
        ),
    },
    "tests/conformance/test_grades.py": {
        10: (
            "audience of a client assertion",
            "test_access_token_is_asked_for_with_a_signed_assertion_and_only_the_scopes_needed",
        ),
        23: (
            "media types to the letter",
            "test_line_item_is_looked_for_and_then_created_with_the_right_media_types",
        ),
    },
    "tests/conformance/test_replay_and_binding.py": {
        4: (
            "two activities at once",
            "test_two_activities_opened_at_once_in_one_browser_both_open",
        ),
        5: (
            "launch_no_longer_valid",
            "test_an_error_that_the_platform_posts_is_explained",
        ),
        6: (
            "login_required",
            "test_an_error_that_the_platform_posts_is_explained",
        ),
        8: (
            "one issuer, many clients",
            "test_a_login_begun_for_one_client_is_not_answered_for_its_sibling",
        ),
    },
    "tests/conformance/test_valid_launches.py": {
        1: (
            "redirect_uri is the configured one",
            "test_the_authentication_request_says_all_and_only_what_it_must",
        ),
        2: (
            "redirect_uri has no slash too many",
            "test_the_authentication_request_says_all_and_only_what_it_must",
        ),
    },
    "tests/e2e/test_pages.py": {
        28: (
            "a frame too small",
            "test_every_page_is_accessible_in_both_themes_and_never_scrolls_sideways",
        ),
    },
    "tests/e2e/test_platform_storage.py": {
        57: (
            "a visit without cookies",
            "test_without_any_cookie_the_quiz_works_in_its_frame_because_the_platform_vouches_for_the_browser",
        ),
        58: (
            "no answer to postMessage",
            "test_where_the_platform_does_not_answer_a_window_of_its_own_is_offered",
        ),
    },
    "tests/e2e/test_when_things_go_wrong.py": {
        3: (
            "no cookie in a frame",
            "test_where_the_frame_is_refused_all_cookies_a_new_window_does_the_quiz",
        ),
    },
    "tests/lti_tool/test_item_choice.py": {
        17: (
            "custom values of others",
            "test_custom_parameters_choose_course_and_item",
        ),
    },
    "tests/lti_tool/test_key_sets.py": {
        51: (
            "the platform's keys change",
            "test_a_key_the_platform_has_just_begun_to_use_works_at_once",
        ),
    },
    "tests/lti_tool/test_keys.py": {
        11: (
            "our keys change",
            "test_a_key_is_published_before_it_signs_and_two_days_after",
        ),
    },
    "tests/lti_tool/test_registrations.py": {
        7: (
            "a new deployment",
            "test_a_new_deployment_is_accepted_or_refused",
        ),
        56: (
            "Canvas of one's own",
            "test_two_clients_of_one_issuer_are_two_platforms",
        ),
    },
    "tests/lti_tool/test_roles.py": {
        44: (
            "roles of course and institution",
            "test_everybody_else_is_a_learner",
        ),
        45: (
            "an admin's roles",
            "test_those_who_teach_are_instructors",
        ),
        62: (
            "the platform's stand-in student",
            "test_the_platforms_stand_in_student_is_known",
        ),
    },
    "tests/registering/test_registration.py": {
        46: (
            "the token of a registration",
            "test_it_is_asked_with_its_token_and_told_what_we_are",
        ),
        47: (
            "422 of a registration",
            "test_what_the_platform_said_is_told_to_its_admin",
        ),
        48: (
            "an endpoint on another host",
            "test_canvas_registers_with_its_endpoint_elsewhere_its_extensions_and_no_deployment",
        ),
        49: (
            "Moodle's domain",
            "test_it_is_asked_with_its_token_and_told_what_we_are",
        ),
    },
    "tests/web/test_columns.py": {
        40: (
            "a copied course",
            "test_a_column_that_changes_hands_takes_no_score_of_its_former_item",
        ),
    },
    "tests/web/test_launch.py": {
        60: (
            "Moodle's probes",
            "test_the_platforms_own_probes_get_a_small_page_fast",
        ),
    },
    "tests/web/test_picker.py": {
        15: (
            "maxima that Moodle refuses",
            "test_dates_go_where_they_are_taken_and_maxima_are_whole_numbers_for_moodle",
        ),
    },
    "tests/web/test_registering.py": {
        50: (
            "registered and waiting",
            "test_an_lms_that_brings_an_invitation_is_registered_and_asked_to_close",
        ),
    },
    "tests/workers/test_columns_sought.py": {
        24: (
            "Moodle's links to next pages",
            "test_next_pages_are_read_however_they_are_written",
        ),
        26: (
            "a partial PUT",
            "test_a_changed_label_and_maximum_follow_and_nothing_else_is_touched",
        ),
        27: (
            "a second column",
            "test_a_column_that_moodle_no_longer_names_is_found_by_its_link",
        ),
        37: (
            "paging with odd links",
            "test_next_pages_are_read_however_they_are_written",
        ),
        38: (
            "only the first page",
            "test_next_pages_are_read_however_they_are_written",
        ),
    },
    "tests/workers/test_delivery.py": {
        9: (
            "one school's token at another",
            "test_two_registrations_of_one_issuer_never_share_a_token",
        ),
        20: (
            "409",
            "test_another_score_in_the_way_is_answered_with_a_later_stamp",
        ),
        25: (
            "results under a limit",
            "test_the_way_to_results_adds_the_user_to_the_query",
        ),
        34: (
            "a course that is over",
            "test_a_refused_score_is_set_aside_with_its_cause",
        ),
        35: (
            "an assignment that is gone",
            "test_a_refused_score_is_set_aside_with_its_cause",
        ),
        53: (
            "401 on every call",
            "test_a_platform_that_refuses_every_token_is_asked_twice_and_no_more",
        ),
    },
    "tests/workers/test_platform_rules.py": {
        18: (
            "a score that erases",
            "test_no_score_that_we_write_erases_a_grade_anywhere",
        ),
        19: (
            "a score for nobody's student",
            "test_whoever_is_no_student_there_is_told_apart",
        ),
        21: (
            "a locked grade",
            "test_a_grade_that_moodle_has_locked_is_not_tried_for_ever",
        ),
        22: (
            "a teacher's grade stays",
            "test_on_moodle_a_teachers_grade_stays_and_we_say_so",
        ),
        29: (
            "attempts used up",
            "test_canvas_gets_one_submission_however_often_the_grade_changes",
        ),
        31: (
            "a grade reset",
            "test_no_score_that_we_write_erases_a_grade_anywhere",
        ),
        33: (
            "422 of no student",
            "test_whoever_is_no_student_there_is_told_apart",
        ),
        36: (
            "throttling by 403",
            "test_canvas_says_403_when_it_wants_us_to_wait",
        ),
    },
    "tests/web/test_work.py": {
        39: ("work opened from the gradebook", "test_an_instructor_sees_the_answers_and_nothing_new_is_placed"),
        61: ("grade analysis", "test_grade_analysis_shows_an_instructor_what_was_handed_in"),
    },
}
MESSAGES: dict[str, dict[str, str]] = {
    "tests/conformance/test_valid_launches.py": {"LtiResourceLinkRequest": "test_student"},
    "tests/conformance/test_deep_linking.py": {
        "LtiDeepLinkingRequest": "test_response_is_signed_has_every_claim_and_echoes_the_data"
    },
    "tests/web/test_work.py": {
        "LtiSubmissionReviewRequest": "test_grade_analysis_shows_an_instructor_what_was_handed_in"
    },
    "tests/web/test_data.py": {
        "DataPrivacyLaunchRequest": "test_a_person_sees_their_own_and_nobody_is_seated_for_it",
        "LtiDataPrivacyLaunchRequest": "test_a_person_sees_their_own_and_nobody_is_seated_for_it",
    },
    "tests/lti_tool/test_notices.py": {
        "LtiContextCopyNotice": "test_a_copy_has_the_rules_before_anybody_opens_it",
        "LtiHelloWorldNotice": "test_another_kind_of_notice_is_good_and_of_no_use",
    },
}
"""Every message and notice that is answered, and the test that shows what it opens or does."""
NOT_OURS = {
    12: "a key that is off in the platform's account; its admin switches it on",
    30: "comments pile up on Canvas: no score of ours carries one",
    32: "Canvas takes the posting for the hand-in: see submission times in lti_tool/platforms.py",
    41: "a tool set up in one course becomes another client when copied; docs/registering.md says where to set it up",
    42: "a course moved out of the installation; its admin installs higher up",
    55: "two libraries under one name: requirements.txt pins one",
    59: "launches decide roles; a roster gives nobody rights",
}


def test_every_symptom_has_a_test_or_a_reason() -> None:
    covered = [number for of_file in TESTS.values() for number in of_file]
    assert sorted([*covered, *NOT_OURS]) == list(range(1, LAST + 1))


def test_every_message_that_is_answered_has_a_test_and_a_row_in_the_documents() -> None:
    covered = {message for of_file in MESSAGES.values() for message in of_file}
    assert covered == {*ANSWERED_MESSAGES, "LtiContextCopyNotice", "LtiHelloWorldNotice"}
    told = (ROOT / "docs" / "registering.md").read_text(encoding="utf-8")
    assert [one for one in ANSWERED_MESSAGES if f"`{one}`" not in told] == []


@pytest.mark.parametrize("file", {**TESTS, **MESSAGES})
def test_the_tests_are_there(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    named = [name for _, name in TESTS.get(file, {}).values()] + list(MESSAGES.get(file, {}).values())
    missing = [name for name in named if not re.search(rf"^def {name}\(", text, re.MULTILINE)]
    assert not missing
