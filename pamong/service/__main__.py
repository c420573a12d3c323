"""The service's process: ``python -m pamong.service --course ROOT``, as JupyterHub starts it.

Where it listens and below which address, the hub says by JUPYTERHUB_SERVICE_URL and _PREFIX. It ends on
SIGTERM once the requests under way are answered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlparse

from tornado.httpserver import HTTPServer

from pamong.catalogue import VARIABLE
from pamong.course import Course
from pamong.errors import PamongError
from pamong.service.app import BODY_LIMIT, application
from pamong.service.host import warm
from pamong.service.service import Service

PATIENCE = 5.0
"""Seconds that requests under way are waited for."""
STEP = 0.02
"""Seconds between two looks at them."""
log = logging.getLogger("pamong.service")


class Lines(logging.Formatter):
    """One JSON object a line, for programs that gather logs."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        content = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "from": record.name,
            "text": record.getMessage(),
        }
        content |= getattr(record, "fields", {})
        if record.exc_info:
            content["trace"] = self.formatException(record.exc_info)
        return json.dumps(content, ensure_ascii=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--course", type=Path, required=True, help="folder that holds course/")
    options = parser.parse_args()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("tornado.application").setLevel(logging.WARNING)  # tells sessions otherwise
    try:
        course = Course.load(options.course)
        os.environ.setdefault(VARIABLE, course.programme.language)
        service = Service.open(course)
        asyncio.run(serve(service))
    except (PamongError, OSError) as error:
        log.error("%s", error)  # noqa: TRY400  # one sentence that says what to do
        return 1
    service.database.close()
    return 0


async def serve(service: Service) -> None:
    """Answer until SIGTERM or SIGINT."""
    url = urlparse(os.environ.get("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:10001"))
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/services/pamong/")
    app = application(service, prefix=prefix)
    server = HTTPServer(app, xheaders=True, max_buffer_size=BODY_LIMIT)
    server.listen(url.port or 80, url.hostname or "127.0.0.1")
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    warming = loop.run_in_executor(None, warm, service.course)
    log.info("listening at %s below %s", url.geturl(), prefix)
    await over.wait()
    server.stop()
    await warming
    until = loop.time() + PATIENCE
    while app.settings["under_way"] and loop.time() < until:
        await asyncio.sleep(STEP)
    left = len(app.settings["under_way"])
    await server.close_all_connections()
    log.info("ended, %s requests were not answered", left or "no")


if __name__ == "__main__":
    sys.exit(main())
