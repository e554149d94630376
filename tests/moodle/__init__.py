"""Flows on a real Moodle, driven through its pages alone; see docs/lms/moodle.md."""
