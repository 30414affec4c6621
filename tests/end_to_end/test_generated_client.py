"""A client that nobody here wrote: generated from what the server says of itself, it rings up, sends and closes."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from reference_server import openapi
from reference_server.routes import ROWS
from tests.end_to_end.server_process import ServerProcess
from tests.end_to_end.test_server_kill import enrol

GENERATOR = Path(sys.executable).with_name("openapi-python-client")
LIMIT_S = 120.0
PACKAGE = "generated_client"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "server")
    process.data.mkdir()
    yield process
    process.close()


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """A module of the generated package by its name; all of them are forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def generate(url: str, folder: Path) -> str:
    """Make the package from the served document; what the generator said."""
    config = folder / "config.yml"
    config.write_text("post_hooks: []\n")
    command = [str(GENERATOR), "generate", "--url", f"{url}/openapi.json", "--config", str(config)]
    command += ["--meta", "none", "--output-path", str(folder / PACKAGE), "--fail-on-warning"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_generated_client_rings_up_sends_and_closes_an_order(
    server: ServerProcess, tmp_path: Path, imported: Callable[[str], Any]
) -> None:
    token = enrol(server.data)
    server.start()
    url = f"http://127.0.0.1:{server.port}"
    assert "WARNING" not in generate(url, tmp_path)
    made = {file.stem for file in (tmp_path / PACKAGE / "api").glob("*/*.py")}
    described = openapi.document(ROWS, version="")["paths"].values()
    assert {operation["operationId"] for methods in described for operation in methods.values()} <= made
    models, who = imported("models"), {"actor_id": "amina"}
    client = imported("client").AuthenticatedClient(base_url=url, token=token)

    def ask(name: str, *ids: str, body: Any, key: str) -> Any:
        answer = imported(f"api.{name}").sync_detailed(*ids, client=client, body=body, idempotency_key=key)
        assert answer.status_code in (HTTPStatus.OK, HTTPStatus.CREATED), answer.content
        return answer.parsed

    lines = [models.NewLine(item_id="cola", quantity=2)]
    order = ask("orders.create_order", body=models.CreateOrder(table_id="table-5", items=lines, **who), key="open")
    more = [models.AddLine(type_="addLine", line=models.NewLine(item_id="flan", quantity=1))]
    ask("orders.change_order", order.id, body=models.ChangeOrder(changes=more, **who), key="more")
    sent = ask("orders.send_to_kitchen", order.id, body=models.SendToKitchen(**who), key="send")
    assert [mark.stage.value for mark in sent.tickets] == ["QUEUED", "QUEUED"]
    ask("kitchen.bump_ticket", sent.tickets[0].id, body=models.BumpTicket(**who), key="bump")
    paid = [models.NewPayment(method=models.Method.CASH, amount=1070, tendered=2000)]
    bill = models.CloseOrder(payments=paid, **who)
    closed, again = (ask("orders.close_order", order.id, body=bill, key="pay") for _ in range(2))

    assert (closed.state.value, closed.surplus_minor, closed.invoice_number[:4]) == ("CLOSED", 0, "INV-")
    assert again.to_dict() == closed.to_dict()
    page = imported("api.orders.get_pos_orders").sync(client=client)
    assert [(one.id, one.state.value) for one in page.orders] == [(order.id, "CLOSED")]
    refused = imported("api.orders.close_order").sync_detailed(
        order.id, client=client, body=models.CloseOrder(**who), idempotency_key="pay"
    )
    assert (refused.status_code, refused.parsed.conflict_type.value) == (HTTPStatus.CONFLICT, "IDEMPOTENCY_MISMATCH")
    client.get_httpx_client().close()
