"""A participant's kernel."""

import json
import os

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from pamong.view import kernel

ASKED = """
import importlib, json
def there(name):
    try:
        return bool(importlib.import_module(name))
    except ImportError:
        return False
print(json.dumps({name: there(name) for name in ("debugpy", "sqlite3", "msgpack", "ssl", "pamong")}))
"""


def answered(folder, **environment):
    """What a real kernel from our description says to ``ASKED``."""
    place = folder / "python3"
    place.mkdir()
    (place / "kernel.json").write_text(json.dumps(kernel.spec()))
    manager = KernelManager(
        kernel_name="python3",
        transport="ipc",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(folder)]),
    )
    manager.start_kernel(env=os.environ | environment)
    client = manager.client()
    said = []
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        client.execute_interactive(
            ASKED, timeout=60, output_hook=lambda message: said.append(message["content"])
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return json.loads("".join(one.get("text", "") for one in said))


@pytest.mark.parametrize(
    ("service", "encrypted"),
    [("", False), ("http://127.0.0.1:8081", False), ("https://hub.example", True)],
)
def test_a_kernel_spares_what_no_form_needs_and_encrypts_where_the_service_asks(
    tmp_path, service, encrypted
):
    found = answered(tmp_path, PAMONG_SERVICE_URL=service)
    assert found == {
        "debugpy": False,
        "sqlite3": False,
        "msgpack": False,
        "ssl": encrypted,
        "pamong": True,
    }
