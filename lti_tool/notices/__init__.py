"""Notices that a platform sends by itself, without anybody's browser (Platform Notification Service 1.0).

Only one kind is of use: that a course was copied. A launch says where the platform takes handlers (`handlers`), a
worker registers ours (`tending`); what arrives is checked as a launch is (`checking`), stored once (`receiving`) and
worked off by a worker (`copying`). Canvas sends each notice once and never again, so all of this is a hint: whatever a
notice brings about, the first launch of the copy does as well (`lti_tool.course_copies`).
"""
