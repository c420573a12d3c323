"""Settings of JupyterHub, all derived from course/programme.yaml and the environment (docs/hub.md).

A fault must stop the hub: it must never come up with JupyterHub's own defaults.
"""

try:
    from pathlib import Path

    from pamong.hub.configuration import configure

    configure(get_config(), Path(__file__).resolve().parent)  # noqa: F821  # given by traitlets
except Exception as error:
    raise SystemExit(f"jupyterhub_config.py: {type(error).__name__}: {error}") from error
