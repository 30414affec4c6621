"""The certificate of the house: devices know the server by it and by nothing else, over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from pathlib import Path

import pytest

from reference_server import certificate
from reference_server.main import main
from shared.errors import BadSettings
from shared.settings import load_settings
from shared.store import catalog, outbox
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, Event, Unreachable
from shared.sync.transport import HttpTransport
from tests.contract.house import Row
from tests.contract.served import served
from tests.contract.test_worker_with_server import Device, rung_up
from tests.contract.web import Site


async def test_a_device_that_pinned_the_certificate_asks_sends_and_listens(site: Site, tmp_path: Path) -> None:
    own = certificate.make(tmp_path)
    async with served(site, certificate=own) as url:
        assert url.startswith("https://")
        transport = HttpTransport(url, site.tokens["till"], certificate=own.pem)
        beat = await transport.beat()
        assert isinstance(beat, Answered)
        assert beat.status == 200
        async for event in transport.listen(None):
            assert isinstance(event, Event)
            break
        await transport.close()


async def test_another_certificate_is_not_our_server_and_nothing_is_said_to_it(site: Site, tmp_path: Path) -> None:
    own, other = certificate.make(tmp_path / "own"), certificate.make(tmp_path / "other")
    async with served(site, certificate=other) as url:
        for pinned in (own.pem, ""):
            transport = HttpTransport(url, site.tokens["till"], certificate=pinned)
            for found in (await transport.beat(), await transport.pull_orders(None)):
                assert isinstance(found, Unreachable)
                assert found.cause is Cause.OTHER_SERVER
            await transport.close()
    assert site.log_lines() == []


async def test_a_server_without_tls_under_the_address_is_no_server(site: Site, tmp_path: Path) -> None:
    own = certificate.make(tmp_path)
    async with served(site) as url:
        transport = HttpTransport(url.replace("http://", "https://"), site.tokens["till"], certificate=own.pem)
        found = await transport.beat()
        await transport.close()
    assert isinstance(found, Unreachable)
    assert found.cause is Cause.NO_SERVER


async def test_a_till_at_the_wrong_server_keeps_its_queue_and_sends_it_to_the_right_one(
    site: Site, tmp_path: Path
) -> None:
    own, other = certificate.make(tmp_path / "own"), certificate.make(tmp_path / "other")

    def till(url: str) -> Device:
        transport = HttpTransport(url, site.tokens["till"], certificate=own.pem)
        return Device(site, tmp_path / "pos.sqlite", "till", "pos", Row("01ARYZ6S47"), transport=transport)

    async with served(site, certificate=own) as url:
        device = till(url)
        device.worker.start()
        await asyncio.to_thread(device.wait_until, lambda: len(device.ask(catalog.etags)) == 4)
        await asyncio.to_thread(device.close)
    device = till("https://127.0.0.1:1")
    order_id = await asyncio.to_thread(rung_up, device, pay=True)
    waiting = device.ask(outbox.waiting)
    assert waiting == 4
    await asyncio.to_thread(device.close)
    async with served(site, certificate=other) as url:
        device = till(url)
        device.worker.start()
        await asyncio.to_thread(device.wait_until, lambda: device.worker.link().cause is Cause.OTHER_SERVER)
        await asyncio.to_thread(device.close)
    assert site.count("operation") == 0
    async with served(site, certificate=own) as url:
        device = till(url)
        assert device.ask(outbox.waiting) == waiting
        device.worker.start()
        await asyncio.to_thread(device.wait_until, lambda: device.ask(outbox.waiting) == 0)
        await asyncio.to_thread(device.close)
    assert (await site.ask("GET", f"/pos/orders/{order_id}")).json()["state"] == "CLOSED"


def test_the_command_makes_it_once_says_its_fingerprint_and_enrolment_pins_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path)]
    assert main(["certificate", *data, "--name", "pos.house", "--name", "192.168.1.10"]) == 0
    said = capsys.readouterr().out
    pem = (tmp_path / "certificate.pem").read_text()
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    assert digest in said.replace(":", "")
    assert "pos.house, " in said
    assert "192.168.1.10" in said
    assert (tmp_path / "certificate.key").stat().st_mode & 0o077 == 0
    assert main(["certificate", *data]) == 0
    assert capsys.readouterr().out == said

    assert main(["enrol", *data, "--kind", "pos", "--name", "Till", "--url", "https://192.168.1.10:8443"]) == 0
    file = tmp_path / "till.toml"
    file.write_text(capsys.readouterr().out)
    assert load_settings(file).server_certificate == pem
    assert main(["enrol", *data, "--kind", "pos", "--name", "Till", "--url", "http://192.168.1.10:8443"]) == 0
    assert "server_certificate" not in capsys.readouterr().out

    assert main(["certificate", *data, "--new"]) == 0
    assert (tmp_path / "certificate.pem").read_text() != pem


def test_a_server_that_is_to_serve_https_without_a_certificate_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVERTILL_SERVER_TLS", "true")
    assert main(["run", "--data", str(tmp_path), "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert "This server has no certificate" in said
    assert f"evertill-server certificate --data {tmp_path}" in said
    (tmp_path / "certificate.pem").write_text("no certificate")
    (tmp_path / "certificate.key").write_text("no key")
    with pytest.raises(BadSettings):
        certificate.find(tmp_path)


@pytest.mark.parametrize("what", ["another's key", "no key", "a spoilt key", "no certificate"])
@pytest.mark.parametrize("command", ["run", "certificate"])
def test_half_a_certificate_is_told_and_never_written_over(
    what: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other half may lie in a copy: with both no device has to be enrolled again."""
    monkeypatch.setenv("EVERTILL_SERVER_TLS", "true")
    own, other = certificate.make(tmp_path), certificate.make(tmp_path / "other")
    match what:
        case "another's key":
            own.key_path.write_bytes(other.key_path.read_bytes())
        case "no key":
            own.key_path.unlink()
        case "a spoilt key":
            own.key_path.write_text("x")
        case _:
            own.path.unlink()
    before = {file.name: file.read_bytes() for file in tmp_path.glob("certificate.*")}
    assert main([command, "--data", str(tmp_path), *(["--port", "0"] if command == "run" else [])]) == 2
    said = capsys.readouterr().err
    assert "The certificate can't be used" in said
    assert "put both back from one copy" in said
    assert {file.name: file.read_bytes() for file in tmp_path.glob("certificate.*")} == before
    assert main(["certificate", "--data", str(tmp_path), "--new"]) == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("BEGIN CERTIFICATE", "BEGIN NOTHING"), "It is not the certificate that enrolment printed."),
        (("https://", "http://"), "It has to begin with https://"),
    ],
)
def test_a_device_says_what_is_wrong_with_the_certificate_in_its_settings(
    changed: tuple[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate.make(tmp_path)
    main(["enrol", "--data", str(tmp_path), "--kind", "kds", "--name", "Grill", "--url", "https://here:1"])
    file = tmp_path / "kds.toml"
    file.write_text(capsys.readouterr().out.replace(*changed))
    with pytest.raises(BadSettings) as caught:
        load_settings(file)
    assert said in caught.value.detail
