"""Live rooms: two participants at one table, or two and a mediator, on a released case; for practice alone.

``case`` → ``room`` → ``view`` | ``outcome`` | ``policy`` are pure; ``pairing`` and ``table`` keep them in the
database; ``pages`` is what a browser asks for.
"""
