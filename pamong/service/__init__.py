"""The one door between participants and graders: events, submissions and schedules of a whole programme.

A service that JupyterHub starts; its pages are those of ``pamong.light`` over a database instead of a folder.
"""
