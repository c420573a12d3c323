"""Cohort summaries: read once, computed once, drawn and written per cohort."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Reports run one process per processor; numpy's own threads would wait for each other by spinning."""
