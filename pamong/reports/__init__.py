"""Cohort summaries: read once, computed once, drawn and written per cohort."""
