"""Tidy tables of a course as files for other programs: who may be known in them, and how they are written.

Imports reports and pandas. Nothing in an export is a key, a hidden test or a counterpart's words.
"""
