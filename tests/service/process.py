"""A service as a process of its own, for whoever shows a token that is somebody's id.

``python tests/service/process.py ROOT PORT``; ``Process`` starts it, kills it without warning, starts it again.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tornado.httpserver import HTTPServer

from pamong.client import Client
from pamong.course import Course
from pamong.service.app import BODY_LIMIT, application
from pamong.service.database import Database
from pamong.service.ground import Known
from pamong.service.service import Service


class Ground(Known):
    """``Authorization: token p001`` is p001."""

    async def user_name(self):
        return self.request.headers.get("Authorization", "").removeprefix("token ")

    def get_current_user(self):
        name = self.request.headers.get("Authorization", "").removeprefix("token ")
        return {"name": name, "kind": "user"} if name else None

    def check_xsrf_cookie(self):
        """A token is no cookie."""


class Process:
    """The service of ``course`` on a port that stays the same when it is started again."""

    def __init__(self, course):
        self.course, self.running = course, None
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/services/pamong"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        """Returns once it says that it listens."""
        command = [sys.executable, __file__, str(self.course.root), str(self.port)]
        self.running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.running.stdout.readline() == "ready\n"

    def kill(self):
        """As a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            self.running.send_signal(signal.SIGKILL)
        self.running.wait()
        self.running.stdout.close()

    def client(self, who, **more):
        return Client(self.url, who, **more)

    def environment(self, who):
        """What a server of somebody's at the hub is told."""
        return {"PAMONG_SERVICE_URL": self.url, "JUPYTERHUB_API_TOKEN": who}


async def serve(root, port):
    course = Course.load(root)
    service = Service(course=course, database=Database(course.service_url))
    app = application(service, ground=Ground)
    HTTPServer(app, max_buffer_size=BODY_LIMIT).listen(port, "127.0.0.1")
    os.write(1, b"ready\n")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
