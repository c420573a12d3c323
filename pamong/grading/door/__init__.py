"""nbgrader's exchange as a door to the service: the same commands, no folder that everybody may write to."""
