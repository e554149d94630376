"""Style sheets name no side of the screen: what begins at the left begins at the right in Arabic."""

import re

from lti_tool.web.static_files import FOLDER

SHEETS = sorted(FOLDER.glob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TEXT = re.compile(r'url\("[^"]*"\)')
DECLARATION = re.compile(r"(?:^|[{;])\s*([a-z-]+)\s*:\s*([^;{}]+)")
PHYSICAL_NAME = re.compile(
    r"(^|-)(left|right|top|bottom)(-|$)|^(min-|max-)?(width|height)$|^border-(top|bottom)|^overflow-[xy]$"
)
PHYSICAL_VALUE = re.compile(r"^(left|right)$|translateX")
FOUR_SIDES = {"margin", "padding", "inset", "border-width", "border-style", "border-color", "border-radius"}
SCROLLS_ALONG_A_LINE = {"overflow-x", "overscroll-behavior-x"}  # an axis, not a side


def _faults(sheet: str) -> list[str]:
    css = TEXT.sub("", COMMENT.sub("", sheet))
    return [f"{name}: {value.strip()}" for name, value in DECLARATION.findall(css) if _is_physical(name, value.strip())]


def _is_physical(name: str, value: str) -> bool:
    if name.startswith("--") or name in SCROLLS_ALONG_A_LINE:
        return False
    if PHYSICAL_NAME.search(name) or PHYSICAL_VALUE.search(value):
        return True
    sides = re.split(r"\s+(?![^(]*\))", value.removesuffix("!important").strip())
    return name in FOUR_SIDES and len(sides) == 4 and sides[1] != sides[3]


def test_style_sheets_name_no_side_of_the_screen() -> None:
    assert len(SHEETS) >= 5
    found = {sheet.name: faults for sheet in SHEETS if (faults := _faults(sheet.read_text(encoding="utf-8")))}
    assert found == {}


def test_a_side_is_found() -> None:
    assert _faults("a { margin-left: 1px; color: red } b{left:0}") == ["margin-left: 1px", "left: 0"]
    assert _faults("a { padding: 0 1px calc(1px + 2px) 0; text-align: right }") == [
        "padding: 0 1px calc(1px + 2px) 0",
        "text-align: right",
    ]
    assert _faults("a { padding: 0 1px 2px; border-inline-start: 0; inset-inline: 0; --right: 0 }") == []
