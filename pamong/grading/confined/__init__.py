"""Participants' code answers, run where they can reach nothing."""
