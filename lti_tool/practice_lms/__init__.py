"""The practice LMS: a small LTI 1.3 platform for the demo and the tests.

It is a program of its own and shares no code with the tool: a misreading of the
specifications in one must show in the other. Start it with
``python -m lti_tool.practice_lms``; README.md says how, and what it answers.
"""
