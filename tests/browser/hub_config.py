"""A JupyterHub for tests: no proxy, one password, servers that never start or fail at once."""

import asyncio
import os

from jupyterhub.proxy import Proxy
from jupyterhub.spawner import Spawner

from pamong.hub.pages import dress


class Direct(Proxy):
    """Routes that nobody follows: the hub is asked on its own port."""

    should_start = False

    async def get_all_routes(self):
        return {"/": {"routespec": "/", "target": self.hub.host, "data": {"hub": True}}}

    async def add_route(self, routespec, target, data):
        pass

    async def delete_route(self, routespec):
        pass


class Waiting(Spawner):
    """A server of somebody named ``gagal`` fails; anybody else's is never ready."""

    async def start(self):
        if self.user.name == "gagal":
            raise RuntimeError("no such image")
        await asyncio.sleep(3600)

    async def stop(self, now=False):
        pass

    async def poll(self):
        return 0


c = get_config()  # noqa: F821  # JupyterHub's own
folder, port = os.environ["HUB_FOLDER"], os.environ["HUB_PORT"]
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.proxy_class = Direct
c.JupyterHub.spawner_class = Waiting
c.JupyterHub.db_url = f"sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{folder}/secret"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
c.DummyAuthenticator.password = "sandi-uji"
c.Authenticator.allow_all = True
dress(c, programme="Pelatihan Uji", language=os.environ["HUB_LANGUAGE"])
