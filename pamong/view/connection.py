"""The way between a page and its kernel, after the page has opened another one."""

from __future__ import annotations

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class Connection(ZMQChannelsWebsocketConnection):
    """Jupyter's, except that nothing is read from a connection that another has replaced.

    Jupyter (2.21) forgets the protocol of such a connection and reads what still arrives as one with
    a hundred million parts: a kernel that dies twice in a row stops the whole server for ten seconds.
    """

    def handle_incoming_message(self, incoming_msg: str) -> None:
        """Pass on what a living page says; a page says again what nobody acknowledged."""
        if self.websocket_handler.ws_connection is not None:
            super().handle_incoming_message(incoming_msg)
