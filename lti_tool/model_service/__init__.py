"""A Messages API on the loopback, for tests and the demo: the real SDK runs against it over HTTP.

It imports nothing else of ours and nobody imports it; `coursewright model-service` starts it as a process. README.md
tells what it answers, how it is scripted and by which rule it grades.
"""
