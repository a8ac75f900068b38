"""Which folders can keep data, and what is said about the others."""

import os
import stat
from pathlib import Path

import pytest

from billing_service.dev.errors import FolderUnusable
from billing_service.dev.folders import first_usable_folder, folder_elsewhere, usable_folder


def closed_folder(inside: Path) -> Path:
    """One that the account of the servers cannot write to: not theirs as root, without permission otherwise."""
    folder = inside / "closed"
    folder.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)
    return folder


def test_a_folder_is_made_with_everything_above_it(open_folder: Path) -> None:
    folder = usable_folder(open_folder / "not" / "there" / "yet")

    assert stat.S_IMODE((folder.path / "postgres").stat().st_mode) == 0o700
    assert (folder.path / "postgres").stat().st_uid == folder.account.uid


def test_a_strict_umask_of_root_does_not_keep_the_servers_out(open_folder: Path) -> None:
    before = os.umask(0o077)
    try:
        folder = usable_folder(open_folder / "made" / "strictly")
    finally:
        os.umask(before)

    assert folder.account.can_enter(folder.path / "postgres")


def test_a_closed_folder_is_refused_and_left_as_it_was(open_folder: Path) -> None:
    closed = closed_folder(open_folder)

    with pytest.raises(FolderUnusable, match=f"^cannot keep data in {closed}/data: "):
        usable_folder(closed / "data")

    assert list(closed.iterdir()) == []


@pytest.mark.parametrize("path", ["file", "file/below"])
def test_a_file_is_no_folder(open_folder: Path, path: str) -> None:
    (open_folder / "file").write_text("here already")

    with pytest.raises(FolderUnusable, match=r"^cannot keep data in "):
        usable_folder(open_folder / path)


def test_data_move_with_a_notice_when_the_wanted_folder_is_closed(open_folder: Path) -> None:
    notices: list[str] = []

    folder = first_usable_folder(
        closed_folder(open_folder) / ".dev", open_folder / "elsewhere", notices.append
    )

    assert folder.path == open_folder / "elsewhere"
    assert len(notices) == 1
    assert notices[0].endswith(f"; they are kept in {folder.path} instead")


def test_every_checkout_moves_to_a_folder_of_its_own() -> None:
    elsewhere = {folder_elsewhere(Path(checkout)) for checkout in ("/one/billing", "/two/billing")}

    assert len(elsewhere) == 2
