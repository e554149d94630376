"""The words of the interface as a template for translators: `python -m tests.messages` writes it."""

import re
import sys
import tomllib
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "lti_tool" / "locale" / "messages.pot"
ENGLISH_ONLY = ("practice_lms", "cli", "migrations")
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
HEADER = "# The words of Coursewright's interface. Made by `make messages`; not edited by hand."
SAYS_NOTHING = re.compile(
    r'^"(POT-Creation-Date|Generated-By|PO-Revision-Date|Last-Translator|Language-Team|Report-Msgid).*\n', re.MULTILINE
)


def collect() -> Catalog:
    """Every message that code and templates mark."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods, options = [], {}
    for mapping in mappings:
        patterns = mapping["pattern"] if isinstance(mapping["pattern"], list) else [mapping["pattern"]]
        for pattern in patterns:
            methods.append((pattern, mapping["method"]))
            options[pattern] = {name: str(value) for name, value in mapping.items()}
    catalog = Catalog(project="Coursewright", version="1", header_comment=HEADER)
    found = extract_from_dir(
        ROOT, methods, options, KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True,
        directory_filter=lambda folder: Path(folder).name not in ENGLISH_ONLY and ".venv" not in folder,
    )  # fmt: skip
    for file, _, message, comments, context in sorted(found, key=lambda one: one[0]):
        catalog.add(message, None, [(file, 1)], auto_comments=comments, context=context)
    return catalog


def template() -> str:
    """The file as it should be: sorted and without places and dates, so that two people's additions merge."""
    written = BytesIO()
    write_po(written, collect(), no_location=True, sort_output=True, width=0)
    return SAYS_NOTHING.sub("", written.getvalue().decode())


def main() -> int:
    """Write the file."""
    FILE.write_text(template(), encoding="utf-8")
    sys.stdout.write(f"{FILE.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
