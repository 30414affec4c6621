"""A device enrols itself by a code, against the real server: what it writes, what it keeps, and what it refuses."""

from __future__ import annotations

import asyncio
import json
import ssl
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from reference_server import certificate
from reference_server.certificate import Certificate
from reference_server.people import codes
from reference_server.people.codes import Wish
from reference_server.storage.devices import DeviceKind as Kind
from shared.enrolling import GivesOwnIds, NotEnrolled, OtherCertificate, enrol
from shared.errors import BadSettings, EvertillError
from shared.ids import DeviceId
from shared.settings import DeviceKind, load_settings
from shared.sync.transport import HttpTransport
from shared.wire.devices import in_groups, print_of
from tests.contract.served import served
from tests.contract.web import Site


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files of these devices are: never where this machine's own would be."""
    monkeypatch.setenv("EVERTILL_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def code_for(site: Site, wish: Wish | None = None) -> str:
    wish = wish or Wish(Kind.POS, "Till 7")
    return site.storage.write(lambda tx: codes.make(tx, site.deps, wish)).result()


def code_again(site: Site, device_id: str) -> str:
    return site.storage.write(lambda tx: codes.make(tx, site.deps, codes.wish_again(tx, DeviceId(device_id)))).result()


async def enrolled(site: Site, path: Path, code: str, kind: DeviceKind = DeviceKind.POS) -> None:
    async with served(site) as url:
        await asyncio.to_thread(enrol, path, code=code, url=url, kind=kind)


async def test_a_code_and_an_address_are_all_that_a_new_till_needs(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "new" / "pos.toml"
    await enrolled(site, path, code_for(site))
    settings = load_settings(path)
    assert (settings.device_name, settings.letter, settings.kind) == ("Till 7", "B", DeviceKind.POS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["pos.toml"]
    site.tokens["new"] = settings.token
    assert (await site.ask("GET", "/menu", who="new")).status_code == 200
    assert site.count("pos_order") == 0, "a server that echoes ids is not tried"


async def test_what_a_person_had_set_stays(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "kds.toml"
    path.write_text(
        'kind = "kds"\ntheme = "light"\ndiagonal_inch = 27.0\nfull_screen = true\n[keys]\n"Plus" = "bump"\n'
    )
    await enrolled(site, path, code_for(site, Wish(Kind.KDS, 'Grill "A" é')), DeviceKind.KDS)
    settings = load_settings(path)
    assert (settings.device_name, settings.theme, settings.diagonal_inch) == ('Grill "A" é', "light", 27.0)
    assert (settings.full_screen, settings.keys) == (True, {"Plus": "bump"})


async def test_a_till_that_is_enrolled_again_stays_itself(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "pos.toml"
    await enrolled(site, path, code_for(site))
    before = load_settings(path)
    await enrolled(site, path, code_again(site, before.device_id))
    after = load_settings(path)
    assert (after.device_id, after.letter) == (before.device_id, before.letter)
    assert after.token != before.token


async def test_a_known_till_does_not_become_another_by_the_wrong_code(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "pos.toml"
    await enrolled(site, path, code_for(site))
    before = path.read_bytes()
    with pytest.raises(NotEnrolled) as refused:
        await enrolled(site, path, code_for(site))
    assert "This device is known here already, as Till 7." in refused.value.detail
    assert path.read_bytes() == before


async def test_a_code_for_another_kind_is_not_used_up(site: Site, tmp_path: Path) -> None:
    code = code_for(site, Wish(Kind.KDS, "Grill"))
    with pytest.raises(NotEnrolled) as refused:
        await enrolled(site, tmp_path / "pos.toml", code)
    assert "This code is for a kitchen screen." in refused.value.detail
    await enrolled(site, tmp_path / "kds.toml", code, DeviceKind.KDS)


async def test_a_settings_file_of_the_other_program_is_left_alone(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "kds.toml"
    path.write_text('kind = "kds"\n')
    with pytest.raises(BadSettings):
        await enrolled(site, path, code_for(site))
    assert path.read_text() == 'kind = "kds"\n'


async def test_a_file_that_was_cut_short_is_set_aside(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "pos.toml"
    path.write_text('kind = "pos"\ntoken = "abc')
    await enrolled(site, path, code_for(site))
    assert load_settings(path).device_name == "Till 7"
    assert (tmp_path / "pos.toml.old").read_text() == 'kind = "pos"\ntoken = "abc'


async def test_a_lost_answer_is_asked_for_again_and_makes_no_second_device(site: Site, tmp_path: Path) -> None:
    path, code = tmp_path / "pos.toml", code_for(site)

    class Lost(HttpTransport):
        def __init__(self, url: str, token: str, _: str) -> None:
            super().__init__(url, token)

        async def enrol(self, body: bytes) -> Any:
            await super().enrol(body)
            return await HttpTransport("http://127.0.0.1:1", "").enrol(body)

    async with served(site) as url:
        with pytest.raises(NotEnrolled):
            await asyncio.to_thread(enrol, path, code=code, url=url, kind=DeviceKind.POS, make_transport=Lost)
        assert not path.exists()
        await asyncio.to_thread(enrol, path, code=code, url=url, kind=DeviceKind.POS)
    assert load_settings(path).letter == "B"
    assert site.count("device") == 5


async def test_a_wrong_code_and_nobody_there_are_told_in_words(site: Site, tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled) as refused:
        await enrolled(site, tmp_path / "pos.toml", "ZZZ-ZZZ-ZZZ")
    assert refused.value.detail.startswith("This code does not enrol anything")
    for wrong, url in (("", "http://127.0.0.1:1"), ("ZZZ", "http://127.0.0.1:1"), ("Z" * 40, "nonsense")):
        with pytest.raises(EvertillError):
            await asyncio.to_thread(enrol, tmp_path / "pos.toml", code=wrong, url=url, kind=DeviceKind.POS)
    assert not (tmp_path / "pos.toml").exists()


def sealed(code: str, own: Certificate) -> str:
    """The code as the server prints it, with its certificate's print behind."""
    return f"{code}-{in_groups(print_of(ssl.PEM_cert_to_DER_cert(own.pem)))}"


async def test_a_server_s_own_certificate_is_known_by_the_code_and_pinned(site: Site, tmp_path: Path) -> None:
    own, path = certificate.make(tmp_path), tmp_path / "pos.toml"
    async with served(site, certificate=own) as url:
        code = sealed(code_for(site), own)
        assert len(code) == 27
        await asyncio.to_thread(enrol, path, code=code.lower(), url=url, kind=DeviceKind.POS)
        settings = load_settings(path)
        assert settings.server_certificate == own.pem
        again = code_again(site, settings.device_id)
        await asyncio.to_thread(enrol, path, code=again, url=url, kind=DeviceKind.POS)
    assert load_settings(path).server_certificate == own.pem


async def test_who_shows_another_certificate_gets_no_code(site: Site, tmp_path: Path) -> None:
    own, path = certificate.make(tmp_path), tmp_path / "pos.toml"
    code = sealed(code_for(site), own)
    (tmp_path / "other").mkdir()
    other = certificate.make(tmp_path / "other")
    async with served(site, certificate=other) as url:
        with pytest.raises(OtherCertificate):
            await asyncio.to_thread(enrol, path, code=code, url=url, kind=DeviceKind.POS)
    assert not [line for line in site.log_lines() if line["event"] == "request"]
    assert not path.exists()


def plain_server(kept: Callable[[str], str]) -> Callable[[str, str, str], HttpTransport]:
    """A vendor's server without any of our capabilities, which makes of an id what `kept` says."""
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path == "/devices/enrol":
            told = {"deviceId": "their-1", "deviceName": "Till", "kind": "pos", "letter": "T", "token": "t" * 40}
            return httpx.Response(200, json=told)
        if request.url.path == "/health":
            told = {"status": "ok", "version": "1", "serverTime": "2025-11-28T19:40:00.000Z"}
            return httpx.Response(200, json=told)
        if request.url.path == "/pos/orders":
            return httpx.Response(201, json={"id": kept(json.loads(request.content)["id"]), "state": "NEW"})
        return httpx.Response(200, json={})

    def make(url: str, token: str, _: str) -> HttpTransport:
        return HttpTransport(url, token, inner=httpx.MockTransport(answer))

    make.asked = asked  # type: ignore[attr-defined] # what the test looks at
    return make


def test_a_plain_server_that_keeps_our_ids_is_taken(tmp_path: Path) -> None:
    make = plain_server(lambda sent: sent)
    enrol(tmp_path / "pos.toml", code="ABC", url="http://theirs", kind=DeviceKind.POS, make_transport=make)
    assert load_settings(tmp_path / "pos.toml").letter == "T"
    paths = make.asked  # type: ignore[attr-defined]
    assert [path.rpartition("/")[2] for path in paths] == ["enrol", "health", "orders", "void"]


def test_a_server_that_gives_its_own_ids_is_refused_in_words(tmp_path: Path) -> None:
    make = plain_server(lambda sent: f"order-{len(sent)}")
    with pytest.raises(GivesOwnIds) as refused:
        enrol(tmp_path / "pos.toml", code="ABC", url="http://theirs", kind=DeviceKind.POS, make_transport=make)
    assert refused.value.title == "This server does not keep the ids that a till gives"
    assert not (tmp_path / "pos.toml").exists()
