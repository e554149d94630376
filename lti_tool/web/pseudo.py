"""Two languages nobody speaks, made from any English words: what goes wrong in them goes wrong in a real one.

`en-XA` has accents, brackets and is longer by 40 %: a text without brackets was never marked for translation, and a
cut one has a box that is too small. `ar-XB` is written from right to left.
"""

import re
from collections.abc import Callable

from babel.support import NullTranslations

KEPT = re.compile(r"(%(?:\([^)]*\))?[sd%]|<[^>]*>|&#?\w+;|\{[a-z_]+\})")  # placeholders, tags, entities
ACCENTS = str.maketrans("aceinosuyzACEINOSUYZ", "àçéîñöšûýžÀÇÉÎÑÖŠÛÝŽ")
FILLING = "ëxtrà wörðs "
GROWTH = 0.4
RIGHT_TO_LEFT, END = "\u202e", "\u202c"  # RIGHT-TO-LEFT OVERRIDE, POP DIRECTIONAL FORMATTING


def accented(message: str) -> str:
    """`message` with accents, 40 % longer, in brackets."""
    parts = KEPT.split(message)
    length = sum(len(text) for text in parts[::2])
    missing = round(length * GROWTH)
    filling = (FILLING * (missing // len(FILLING) + 1))[:missing].strip()
    body = _in_texts(message, lambda text: text.translate(ACCENTS))
    return f"[{body} {filling}]" if filling else f"[{body}]"


def mirrored(message: str) -> str:
    """`message` with each word written from right to left."""
    return _in_texts(message, lambda text: re.sub(r"\S*[^\W\d_]\S*", rf"{RIGHT_TO_LEFT}\g<0>{END}", text))


def _in_texts(message: str, change: Callable[[str], str]) -> str:
    parts = KEPT.split(message)  # texts at even places, what is kept at odd ones
    parts[::2] = [change(text) for text in parts[::2]]
    return "".join(parts)


class PseudoTranslations(NullTranslations):
    """Translates any message by changing its letters."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def ugettext(self, message: str) -> str:
        return self._change(message)

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        return self._change(singular if num == 1 else plural)

    def upgettext(self, context: str, message: str) -> str:  # noqa: ARG002 - the same word in every context
        return self._change(message)

    def unpgettext(self, context: str, singular: str, plural: str, num: int) -> str:  # noqa: ARG002
        return self._change(singular if num == 1 else plural)


PSEUDO = {"en_XA": PseudoTranslations(accented), "ar_XB": PseudoTranslations(mirrored)}
