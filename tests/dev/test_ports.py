"""Ports: the person hears which one is taken, the servers find their own."""

import socket
from pathlib import Path

import pytest

from billing_service.dev.errors import CannotStart
from billing_service.dev.ports import is_free, listening, remembered_port


def test_a_taken_port_is_named_with_the_option_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(CannotStart, match=f"^port {port} is taken: .* --sandbox-port$"):
            listening(port, "--sandbox-port").__enter__()


def test_a_server_on_every_address_takes_the_port_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as other:  # noqa: S104 (that is the point)
        port = other.getsockname()[1]

        with pytest.raises(CannotStart, match="is taken"):
            listening(port, "--port").__enter__()


@pytest.mark.parametrize("port", [-1, 0, 65_536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(CannotStart, match=f"^{port} is not a port"):
        listening(port, "--port").__enter__()


def test_a_port_is_ours_from_the_first_moment(tmp_path: Path) -> None:
    port = remembered_port(tmp_path / "some.port")

    with listening(port, "--port"), pytest.raises(CannotStart):
        listening(port, "--sandbox-port").__enter__()

    assert is_free(port)


def test_a_server_gets_its_port_of_last_time(tmp_path: Path) -> None:
    file = tmp_path / "some.port"

    assert remembered_port(file) == remembered_port(file) == int(file.read_text())


def test_a_port_of_last_time_that_is_taken_now_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "some.port"
    taken = remembered_port(file)

    with listening(taken, "--port"):
        port = remembered_port(file)

    assert port != taken
    assert port == int(file.read_text())


@pytest.mark.parametrize("nonsense", ["", "many", "22", "99999999"])
def test_a_spoiled_note_of_a_port_is_written_anew(tmp_path: Path, nonsense: str) -> None:
    file = tmp_path / "some.port"
    file.write_text(nonsense)

    assert remembered_port(file) == int(file.read_text())
