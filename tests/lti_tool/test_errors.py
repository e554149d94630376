import string

import pytest

from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused, PlatformInvalid, PlatformRefused, PlatformUnavailable, shown
from lti_tool.refusals import ADVICE


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_words_a_person_can_act_on(cause: Cause) -> None:
    advice = ADVICE[cause]
    assert 400 <= advice.status < 500
    assert advice.title
    assert advice.message.endswith(".")
    assert len(advice.what_to_do) > 20
    assert "!" not in advice.title + advice.message + advice.what_to_do


@pytest.mark.parametrize("cause", list(Cause))
def test_a_missing_detail_never_breaks_an_error_page(cause: Cause) -> None:
    refused = LaunchRefused(cause)
    assert "{" not in refused.message + refused.what_to_do


def test_details_fill_the_words() -> None:
    refused = LaunchRefused(Cause.EXPIRED, details=(("seconds", 75),))
    assert "75 seconds" in refused.message
    assert refused.details == (("seconds", "75"),)


def test_a_detail_from_outside_cannot_reach_into_the_words() -> None:
    refused = LaunchRefused(Cause.ISSUER, details=(("issuer", "{expected.__class__}"), ("expected", "us")))
    assert "{expected.__class__}" in refused.message


def test_words_can_be_given_for_one_refusal() -> None:
    refused = LaunchRefused(Cause.ROLES, "What happened.", "What to do.", status=422)
    assert (refused.message, refused.what_to_do, refused.status) == ("What happened.", "What to do.", 422)


def test_a_value_from_outside_is_shown_short_and_without_tricks() -> None:
    assert shown("a" * 500) == "a" * 200 + "…"
    assert shown("a\x00b\u202ec\ud800d\n") == "a b c d "
    assert shown(["<b>"]) == "['<b>']"


def test_placeholders_are_plain_names() -> None:
    for advice in ADVICE.values():
        for text in (advice.message, advice.what_to_do):
            assert all(
                name is None or name.replace(" ", "").isalpha() for _, name, _, _ in string.Formatter().parse(text)
            )


def test_a_service_error_says_whether_waiting_helps() -> None:
    assert PlatformUnavailable("it took too long").retryable
    assert not PlatformRefused("it said no").retryable


def test_every_fault_of_a_platform_is_in_its_text() -> None:
    assert str(PlatformInvalid(["One.", "Two."])) == "One.\nTwo."
