"""Finds what a student's text asks of whoever grades it. Gullible on purpose: it reads through disguises, too.

A text is looked at as it stands and undone in the usual ways: hidden characters dropped, look-alike letters folded,
spaced-out letters joined, base64, hex and rot13 decoded, read backwards, HTML and URL escapes resolved. An injection
is a demand about the grade (a word for grading near a word for the top, or a result stated as JSON or `level: 4`), a
call to set rules aside, or a turn that pretends to be the system's, the instructor's or the program's.
"""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

TOP = 4

_GRADING = (
    r"(?:grad(?:e|es|ed|er|ers|ing)|scor(?:e|es|ed|ing)|marks?|marked|marking|levels?|points?|credit|rating|rated?|"
    r"assess\w*|evaluat\w*|rubric|criteri\w+|nota|note|nivel|niveau|stufe|punkte|punkt\w*|bewert\w*|puntos|"
    r"calificaci\w+|evalua\w*|notez|вердикт|оценк\w+|балл\w*|分数|评分|满分|等级|評価|点数)"
)
_HIGHEST = (
    r"(?:\b4\b|four|full|highest|maxim\w+|max|\btop\b|best|perfect|excellent|outstanding|\b100\s*%?|a\+|"
    r"m[aá]xim\w+|vier|h[oö]chst\w*|volle?\w*|cuatro|quatre|maximal\w*|высш\w+|максим\w+|满分|最高|満点|四)"
)
_SET_ASIDE = (
    r"(?:ignor\w*|disregard|forget|overrid\w*|bypass|suspend|supersed\w*|replac\w*|skip|vergiss|oubli\w+|olvid\w+|"
    r"忽略|無視)"
)
_RULES = (
    r"(?:instruct\w*|rules?|prompt|rubric|above|previous|prior|earlier|guidelines?|policy|quotes?|evidence|"
    r"anweisung\w*|regeln|consignes|instruc\w+|指令|规则|指示)"
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_GRADING}[^\n]{{0,60}}{_HIGHEST}",
        rf"{_HIGHEST}[^\n]{{0,40}}{_GRADING}",
        rf"{_SET_ASIDE}[^\n]{{0,60}}{_RULES}",
        r"[\"']?level[\"']?\s*[:=]\s*[\"']?[34]",
        r"(?:^|[\n\"{<\[(#*-])\s*/?(?:system|developer|administrator|instructor|assistant|operator|grader)\s*[\]>:\"}]",
        r"\b(?:i am|i'm|this is|speaking as) (?:the|your) (?:instructor|professor|teacher|lecturer|admin\w*|developer|"
        r"grader|examiner|course (?:team|staff|lead))",
        r"\b(?:note|message|memo|instruction|attention|dear) (?:to|for)? ?(?:the )?(?:grader|assessor|evaluator|marker|"
        r"examiner|ai\b|model|reviewer)",
        r"\b(?:please|beg|need|deserve|fail|lose|scholarship|visa|mercy)\b[^\n]{0,80}\b(?:pass|full|top|highest|grade|"
        r"marks?|level)\b",
    )
)
_REVEAL = re.compile(
    r"\b(?:repeat|print|reveal|show|output|quote|recite|copy)\b[^\n]{0,60}\b(?:prompt|instructions?|rules|marker|system|"
    r"canary)\b",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?){10,}")
_SPACED = re.compile(r"\b(?:\w[ ._-]){3,}\w\b")
_LOOKALIKES = str.maketrans("асеорхуіѕԁһ013$@ɡ", "aceopxyisdholesag")


@dataclass(frozen=True, slots=True)
class Injection:
    """What was asked: to raise the level, and whether to give the prompt away."""

    level: int
    reveals_prompt: bool


def find(text: str) -> Injection | None:
    """What `text` asks of its reader, in whatever disguise; None for a text that only talks about its subject."""
    readings = list(_readings(text))
    reveals = any(_REVEAL.search(reading) for reading in readings)
    demands = any(pattern.search(reading) for reading in readings for pattern in _PATTERNS)
    return Injection(TOP, reveals) if demands or reveals else None


def _readings(text: str) -> Iterator[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in {"Cf", "Mn"})
    yield plain
    yield plain.translate(_LOOKALIKES)
    yield _SPACED.sub(lambda match: re.sub(r"[ ._-]", "", match.group()), plain)
    yield codecs.decode(plain, "rot13")
    yield plain[::-1]
    yield html.unescape(unquote(plain))
    tags = "".join(chr(ord(c) - 0xE0000) for c in text if 0xE0020 <= ord(c) <= 0xE007E)  # invisible tag characters
    if tags:
        yield tags
    for match in _BASE64.finditer(plain):
        if decoded := _base64(match.group()):
            yield decoded
    for match in _HEX.finditer(plain):
        yield bytes.fromhex(re.sub(r"[\s:]", "", match.group())).decode("utf-8", "replace")


def _base64(word: str) -> str:
    padded = word.rstrip("=") + "=" * (-len(word.rstrip("=")) % 4)
    try:
        decoded = base64.b64decode(padded, altchars=b"-_" if set(word) & set("-_") else None)
        return decoded.decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
