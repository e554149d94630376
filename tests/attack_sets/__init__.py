"""Attacks on the grader, each with its clean twin, made by code from the labs' own material."""
