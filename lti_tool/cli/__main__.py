"""`python -m lti_tool.cli`, for child processes: the same interpreter, whatever is on PATH."""

from lti_tool.cli import main

main()
