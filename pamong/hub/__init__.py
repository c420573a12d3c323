"""A JupyterHub for a course: its settings, who comes in, their servers, its pages, and what keeps it up."""
