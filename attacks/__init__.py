"""Attacks on the program itself, each a command that prints its counts: `python -m attacks.faults` and so on.

Short versions of all of them run with the tests (`tests/attacks`).
"""
