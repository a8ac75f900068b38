"""Whoever meets the service for the first time, in a browser or in a shell, learns what it is and where to read on."""

import subprocess
from dataclasses import replace
from importlib.metadata import version

import pytest

from billing_service.app import create_app
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.announced import assert_one_shape
from tests.demo.running import COMMAND
from tests.stage import MainBackend, in_process


async def test_the_front_door_leads_to_every_page(api: MainBackend) -> None:
    shown = (await api.http.get("/")).json()

    assert (shown["service"], shown["version"]) == ("billing-service", version("billing-service"))
    assert {name: (await api.http.get(link)).status_code for name, link in shown["links"].items()} == {
        "docs": 200,
        "openapi": 200,
        "demo": 200,
        "live": 200,
        "ready": 200,
        "metrics": 200,
    }


async def test_in_production_there_is_no_demo_to_lead_to(services: Services) -> None:
    production = services.settings.model_copy(update={"billing_env": "prod"})
    app = create_app(production, replace(services, settings=production))
    async with httpx.AsyncClient(transport=in_process(app), base_url="http://billing") as http:
        shown = (await http.get("/")).json()
        assert_one_shape(await http.get("/demo/"))

    assert shown["links"]["demo"] is None


async def test_below_a_path_of_a_proxy_the_links_keep_it(services: Services) -> None:
    app = create_app(services.settings, services)
    transport = httpx.ASGITransport(app=app, root_path="/billing")
    async with httpx.AsyncClient(transport=transport, base_url="http://proxy") as http:
        shown = (await http.get("/billing/")).json()

    assert shown["links"]["docs"] == "/billing/docs"


@pytest.mark.parametrize("arguments", [["--version"], ["--version", "api"]])
def test_the_command_says_its_version(arguments: list[str]) -> None:
    said = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=True).stdout

    assert said == f"billing-service {version('billing-service')}\n"
