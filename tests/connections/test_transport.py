"""Where connections may go and what they carry: rules, TLS with a company's authority, proxies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx2
import pytest

from connections.authority import make_authority
from formats.gguf_builder import tiny_llama
from intake.judging import OpenGate, judge_here
from simulators.hub import Hub
from steelyard.base.errors import RefusedByPolicy, RemoteFailure
from steelyard.base.paths import Home
from steelyard.connections.access import Access
from steelyard.connections.errors import (
    CertificateRefused,
    HostUnreachable,
    RedirectRefused,
    UnusableAuthority,
)
from steelyard.connections.hub import Timeouts
from steelyard.connections.retries import Patience
from steelyard.connections.transport import Destinations, address_kind
from steelyard.intake.pull import PullLimits, pull
from steelyard.intake.records import PullSpec, Taken
from steelyard.policy.network import NetworkGate
from steelyard.policy.settings import Settings
from steelyard.store.records import State
from steelyard.store.store import Store

REPOSITORY = "maker/tiny"
NAMES = {
    "hub.example": ["93.184.216.34"],
    "cdn.example": ["93.184.216.35", "2606:2800::1"],
    "inside.example": ["10.1.2.3"],
    "rebound.example": ["93.184.216.36", "127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "2130706433": ["127.0.0.1"],
}


def resolver(host: str, port: int) -> Sequence[str]:
    return NAMES.get(host, [])


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.9.9.9", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("169.254.169.254", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("10.0.0.1", ""),
        ("93.184.216.34", ""),
        ("hub.example", ""),
        ("", ""),
    ],
)
def test_kinds_of_addresses(address: str, kind: str) -> None:
    assert address_kind(address) == kind


@pytest.mark.parametrize("host", ["cdn.example", "inside.example", "unknown.example", "10.9.9.9"])
def test_ordinary_hosts_may_be_redirected_to(host: str) -> None:
    Destinations("https://hub.example", resolver).check(httpx2.URL(f"https://{host}/x"))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "anything.localhost",
        "rebound.example",
        "metadata.example",
        "[::1]",
        "[fe80::1]",
        "0.0.0.0",
        "2130706433",
    ],
)
def test_this_machine_and_its_link_may_not(host: str) -> None:
    with pytest.raises(RedirectRefused):
        Destinations("https://hub.example", resolver).check(httpx2.URL(f"https://{host}/x"))


def test_an_endpoint_on_this_machine_may_point_to_this_machine_but_not_to_the_link() -> None:
    rules = Destinations("http://127.0.0.1:8000", resolver)
    rules.check(httpx2.URL("http://localhost:9000/x"))
    with pytest.raises(RedirectRefused):
        rules.check(httpx2.URL("http://169.254.169.254/x"))


def test_the_address_a_connection_really_has_counts() -> None:
    rules = Destinations("https://hub.example", resolver)
    rules.check_peer(httpx2.URL("https://hub.example/x"), "93.184.216.34")
    for peer in ("127.0.0.1", "169.254.169.254", "::1"):
        with pytest.raises(RedirectRefused):
            rules.check_peer(httpx2.URL("https://hub.example/x"), peer)


def test_nothing_leads_from_tls_to_plain_text() -> None:
    rules = Destinations("https://hub.example", resolver)
    secure, plain = httpx2.URL("https://a.example"), httpx2.URL("http://a.example")
    rules.check_redirect(plain, secure)
    rules.check_redirect(plain, plain)
    with pytest.raises(RedirectRefused):
        rules.check_redirect(secure, plain)


def test_no_name_is_looked_up_before_the_gate_agreed(home: Home) -> None:
    looked_up: list[str] = []

    def noting(host: str, port: int) -> Sequence[str]:
        looked_up.append(host)
        return []

    rules = Destinations("https://hub.example", noting)
    assert looked_up == []
    rules.check(httpx2.URL("https://cdn.example/x"))
    assert set(looked_up) == {"hub.example", "cdn.example"}


# ------------------------------------------------------------------ with real servers


@pytest.fixture
def once() -> PullLimits:
    return PullLimits(Timeouts(connect_s=5, read_s=5), Patience(attempts=1))


def fetch(
    home: Home, endpoint: str, limits: PullLimits, gate: object = None, **spec: object
) -> Taken:
    with Store(home) as store:
        request = PullSpec(REPOSITORY, endpoint=endpoint, **spec)  # type: ignore[arg-type]  # by name
        return pull(store, request, gate or OpenGate(), judge=judge_here, limits=limits)  # type: ignore[arg-type]


def test_43_a_company_authority_is_trusted_where_it_is_given(
    home: Home, tmp_path: Path, once: PullLimits
) -> None:
    authority, context = make_authority(tmp_path)
    with Hub(tls=context) as hub:
        hub.add(REPOSITORY, {"tiny.gguf": tiny_llama()})
        with pytest.raises(CertificateRefused) as refusal:
            fetch(home, hub.endpoint, once)
        assert "authority" in refusal.value.next_step
        assert hub.requests == []
        taken = fetch(home, hub.endpoint, once, ca_file=authority, token="hf_secret")
        assert taken.model.state is State.ADMITTED
        assert hub.requests[0].headers["authorization"] == "Bearer hf_secret"


def test_43_no_certificate_comes_from_the_environment(
    home: Home, tmp_path: Path, once: PullLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with Hub(tls=context) as hub:
        hub.add(REPOSITORY, {"tiny.gguf": tiny_llama()})
        with pytest.raises(CertificateRefused):
            fetch(home, hub.endpoint, once)


def test_40_tls_to_plain_text_is_refused_on_the_wire(
    home: Home, tmp_path: Path, once: PullLimits
) -> None:
    authority, context = make_authority(tmp_path)
    with Hub(tls=context) as hub, Hub() as plain:
        hub.add(REPOSITORY, {"tiny.gguf": tiny_llama()})
        hub.fail("redirect", path="tiny.gguf", to=f"{plain.origin}/x")
        with pytest.raises(RedirectRefused):
            fetch(home, hub.endpoint, once, ca_file=authority)
        assert plain.requests == []


def test_a_server_that_speaks_no_tls_is_a_typed_error(home: Home, once: PullLimits) -> None:
    with Hub() as hub, pytest.raises(RemoteFailure):
        fetch(home, hub.endpoint.replace("http:", "https:"), once)


def test_a_token_is_not_sent_in_plain_text(home: Home, once: PullLimits) -> None:
    from steelyard.connections.transport import GatedTransport

    for url, sent in (
        ("http://hub.example/x", False),
        ("https://hub.example/x", True),
        ("https://hub.example:444/x", False),
        ("https://cdn.example/x", False),
    ):
        endpoint = url.removesuffix("/x").removesuffix(":444")
        if "cdn" in url:
            endpoint = "https://hub.example"
        transport = GatedTransport(
            OpenGate(), Access(endpoint), asked_by="model.pull", token="hf_secret"
        )
        request = httpx2.Request("GET", url, headers={"Authorization": "other", "Cookie": "c"})
        transport._set_headers(request)
        assert request.headers.get("authorization") == ("Bearer hf_secret" if sent else None)
        assert "cookie" not in request.headers
        assert "python" not in request.headers["user-agent"]


def test_a_proxy_is_used_and_asked_for_at_the_gate(
    home: Home, once: PullLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Hub() as proxy:
        monkeypatch.setenv("http_proxy", proxy.origin.replace("//", "//user:secret@"))
        gate = OpenGate()
        with pytest.raises(RemoteFailure):
            fetch(home, "http://hub.invalid", once, gate)
        assert gate.asked == [
            "http://hub.invalid/api/models/maker/tiny/revision/main?blobs=true",
            proxy.origin,
        ]
        assert proxy.requests[0].headers["host"] == "hub.invalid"
        refusing = OpenGate(proxy.origin)
        with pytest.raises(RefusedByPolicy):
            fetch(home, "http://hub.invalid", once, refusing)
        assert len(proxy.requests) == 1


def test_a_proxy_of_another_kind_is_said(
    home: Home, once: PullLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1")
    with pytest.raises(HostUnreachable):
        fetch(home, "http://hub.invalid", once)


def test_the_real_gate_refuses_while_offline_and_hosts_not_listed(
    home: Home, once: PullLimits
) -> None:
    with Hub() as hub:
        hub.add(REPOSITORY, {"tiny.gguf": tiny_llama()})
        for variable, value in (
            ("STEELYARD_NETWORK_OFFLINE", "true"),
            ("STEELYARD_NETWORK_ALLOWED_HOSTS", "hub.example"),
        ):
            gate = NetworkGate(Settings.load(home, environment={variable: value}))
            with pytest.raises(RefusedByPolicy):
                fetch(home, hub.endpoint, once, gate)
            assert not gate.ledger()[0].allowed
        assert hub.requests == []
        gate = NetworkGate(
            Settings.load(home, environment={"STEELYARD_NETWORK_ALLOWED_HOSTS": "127.0.0.1"})
        )
        assert fetch(home, hub.endpoint, once, gate).model.state is State.ADMITTED
        assert {attempt.asked_by for attempt in gate.ledger()} == {"model.pull"}


def test_a_sources_own_proxy_is_used_instead_of_the_systems(
    home: Home, once: PullLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Hub() as proxy:
        monkeypatch.setenv("http_proxy", "http://system.invalid:3128")
        gate = OpenGate()
        for endpoint in ("http://hub.invalid", "http://127.0.0.1:9"):
            with pytest.raises(RemoteFailure):
                fetch(home, endpoint, once, gate, proxy=proxy.origin)
        assert [r.headers["host"] for r in proxy.requests] == ["hub.invalid", "127.0.0.1:9"]
        assert gate.asked[1::2] == [proxy.origin, proxy.origin]


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_certificate_file_that_is_none_is_said(
    home: Home, tmp_path: Path, once: PullLimits, content: bytes | None
) -> None:
    authority = tmp_path / "authority.pem"
    if content is not None:
        authority.write_bytes(content)
    with pytest.raises(UnusableAuthority) as refusal:
        fetch(home, "https://127.0.0.1:9", once, ca_file=authority)
    assert refusal.value.facts["path"] == str(authority)
