"""Grade on machines that Dask Gateway lends: ``python grade.py --machines 4 [ARGUMENTS OF pamong grade]``.

Run in the server of staff. The cluster is given back at the end, whatever happens; the gateway takes it back
by itself when this process is gone.
"""

import argparse
import os
import sys
from pathlib import Path

import dask
from dask_gateway import GatewayCluster

from pamong.cli import main as pamong

ADDRESS = "PAMONG_DASK_GATEWAY"
PROXY = "PAMONG_DASK_GATEWAY_PROXY"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=2)
    options, rest = parser.parse_known_args()
    home = os.environ.get(ADDRESS, "http://traefik-dask-gateway")
    proxy = os.environ.get(PROXY, "tls://traefik-dask-gateway:80")
    auth = os.environ.get("PAMONG_DASK_GATEWAY_AUTH", "jupyterhub")
    with GatewayCluster(home, proxy_address=proxy, auth=auth) as cluster:
        cluster.scale(options.machines)
        with dask.config.set(_encrypted(cluster.security)):
            sys.argv = ["pamong", "grade", "--scheduler", cluster.scheduler_address, *rest]
            pamong()


def _encrypted(security: object) -> dict[str, object]:
    """Dask's settings for a client of this cluster alone."""
    key, certificate = (_text(getattr(security, name)) for name in ("tls_key", "tls_cert"))
    return {
        "distributed.comm.require-encryption": True,
        "distributed.comm.tls.ca-file": certificate,
        "distributed.comm.tls.client.cert": certificate,
        "distributed.comm.tls.client.key": key,
    }


def _text(value: str) -> str:
    return value if "\n" in value else Path(value).read_text(encoding="ascii")


if __name__ == "__main__":
    main()
