"""What a JupyterHub needs of pamong; nothing here imports jupyterhub."""
