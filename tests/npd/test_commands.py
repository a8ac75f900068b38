"""`billing-service npd …`, by the real command."""

from pathlib import Path
from typing import Any

from billing_service.services import Services
from tests.command import command
from tests.npd.test_register import LINK, NUMBER


async def npd(
    services: Services, folder: Path, *arguments: str, since: str = "2026-01-01"
) -> tuple[int, str]:
    """Exit code, and all that was said."""
    return await command(services, folder, "npd", *arguments, NPD_SINCE=since)


async def test_what_is_open_is_listed_marked_and_summed_up(
    services: Services,
    tmp_path: Path,
    paid: dict[str, Any],
) -> None:
    code, said = await npd(services, tmp_path, "list", "--open")
    assert (code, paid["payment_id"] in said, "+299.00 RUB  open" in said) == (0, True, True)

    receipt = ("--number", NUMBER, "--link", LINK, "--author", "owner")
    code, said = await npd(services, tmp_path, "register", paid["payment_id"], *receipt)
    assert (code, f"registered {NUMBER} by owner" in said) == (0, True)

    said = (await npd(services, tmp_path, "summary"))[1]
    assert "kept in the year: 299.00 of 2400000.00 (0.0% of the limit)" in said


async def test_what_cannot_be_is_said_in_one_line(
    services: Services,
    tmp_path: Path,
    paid: dict[str, Any],
) -> None:
    wrong = ("--number", NUMBER, "--link", "https://example.com/", "--author", "owner")
    code, said = await npd(services, tmp_path, "register", paid["payment_id"], *wrong)
    assert (code, said.startswith("--link: "), len(said.splitlines())) == (1, True, 1)

    assert await npd(services, tmp_path, "list", since="") == (
        1,
        "no register is kept: NPD_SINCE is not set\n",
    )
