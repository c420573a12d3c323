"""Writes the description of the API: ``python -m pamong.service.api > docs/openapi.json``."""

from __future__ import annotations

import json
import sys

from pamong.service.api.description import describe
from pamong.service.api.routes import OPERATIONS

if __name__ == "__main__":
    content = json.dumps(describe(OPERATIONS), indent=1, ensure_ascii=False)
    sys.stdout.write(f"{content}\n")
