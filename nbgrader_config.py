"""Settings of nbgrader, all derived from course/programme.yaml; nbgrader runs this up to three times.

A fault must stop nbgrader: it would otherwise log it and go on with its own defaults.
"""

try:
    from pathlib import Path

    from pamong.grading.configuration import configure

    configure(get_config(), Path(__file__).resolve().parent)  # noqa: F821  # given by traitlets
except Exception as error:
    raise SystemExit(f"nbgrader_config.py: {type(error).__name__}: {error}") from error
