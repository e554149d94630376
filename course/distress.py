"""Whether somebody writes that they are in distress or in danger. Then no partner answers, but an offer of help.

Deliberately narrow: words about oneself that hardly mean anything else. It is asked where a reply is owed and where a
page is shown, and its answer is never logged nor kept apart from the words themselves. It knows English only and is no
substitute for anybody's attention.
"""

import re

_SIGNS = re.compile(
    r"""
      \b(?: i | i'm | im | i've | ive | i'd | id ) \b .{0,40}? \b (?:
          (?: kill | hurt | harm | cut (?:ting)? | hurting | killing | harming ) \s+ my \s? self
        | end (?:ing)? \s+ (?: my \s+ life | it \s+ all (?= \s* (?: [.,;!?] | $ ) ) )
        | tak (?: e | ing ) \s+ my \s+ (?: own \s+ )? life
        | suicidal
        | want (?: ed )? \s+ to \s+ die
        | wanna \s+ die
        | (?: don't | dont | do \s+ not ) \s+ want \s+ to \s+ (?: live | be \s+ alive | wake \s+ up )
        | can't \s+ go \s+ on \s+ (?: like \s+ this | any \s? more | living )
        | (?: am | 'm | feel ) \s+ not \s+ safe \s+ (?: at \s+ home | here | with \s+ (?: him | her | them ) )
      ) \b
    | \b (?: he | she | they | my \s+ \w+ ) \s+ (?: is | are | keeps? ) \s+ (?: hitting | beating | abusing ) \s+ me \b
    """,
    re.IGNORECASE | re.VERBOSE,
)

OFFER = (
    "Let us leave the case for a moment. What you wrote sounds as if you may be having a hard time, and a lab cannot "
    "help with that. It can wait: nothing here is lost, and this message costs you no turn. Please talk to somebody "
    "today, a person you trust or the help named on this page."
)


def needs_support(text: str) -> bool:
    """Whether the words say that the writer may be in distress or danger."""
    return _SIGNS.search(text.replace("’", "'")) is not None
