"""Measurements of the tool under load, each printed beside its limit: `python -m benchmarks.NAME --help`.

Services and clients are processes of their own, so that they do not share the measured one's interpreter.
"""
