"""A server that does no more than it must: Starlette, and each order in a commit of its own, made in the loop."""

import socket
import sys
from pathlib import Path
from typing import Final

import uvicorn
from pydantic_core import from_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.database import Connection, open_writer

READY: Final = "ready on http://127.0.0.1:"
_TABLE: Final = "CREATE TABLE pos_order (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT"


def build(connection: Connection) -> Starlette:
    """The application: it reads the JSON, stores it, durable as ours, and says that it has it."""

    async def create(request: Request) -> Response:
        body = await request.body()
        from_json(body)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO pos_order (body) VALUES (?)", (body,))
        connection.execute("COMMIT")
        return Response(body, 201, media_type="application/json")

    return Starlette(routes=[Route("/pos/orders", create, methods=["POST"])])


def main() -> None:
    """Serve on any free port, said in one line, until killed."""
    connection = open_writer(Path(sys.argv[1]) / "bare.sqlite")
    connection.execute(_TABLE)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        sys.stdout.write(f"{READY}{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(build(connection), http="httptools", ws="none", log_level="error", access_log=False)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
