"""Who grades: processes of this machine, or workers elsewhere."""
