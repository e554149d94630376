"""Calling a language model: what is asked and answered, what it costs, and what may be spent.

`LanguageModel` (`calls.py`) is the door: it reserves, calls and records. `client.py` alone knows the provider's SDK.
"""
