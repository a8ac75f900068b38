"""Our lines and every library's come out as one kind: a JSON object a line in production, readable in dev."""

import json
import subprocess
import sys

SPEAK = """
import logging, sys
import structlog
from billing_service.kit.logging import configure

configure(readable=sys.argv[1] == "dev")
with structlog.contextvars.bound_contextvars(request_id="9f1c2ab0"):
    structlog.get_logger("billing").info("payment.settled", payment_id="4a8b", user_id=1001, plan="PRO месяц")
    logging.getLogger("a.library").warning("it said %s", "something")
    logging.getLogger("httpx2").info("GET https://api.example/secret")
    try:
        raise LookupError("lost")
    except LookupError:
        structlog.get_logger("billing").exception("request.crashed")
"""


SPEAK_ODDLY = """
import structlog
from billing_service.kit.logging import configure

configure(readable=False)
structlog.get_logger("billing").info("odd.said", half="\\ud800", huge=2**70, pairs={1: 2}, thing=object)
"""


def spoken(mode: str, speak: str = SPEAK) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", speak, mode], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_in_production_every_line_is_one_object() -> None:
    ours, theirs, crash = [json.loads(line) for line in spoken("prod")]

    assert ours["event"] == "payment.settled"
    assert (ours["payment_id"], ours["user_id"], ours["plan"]) == ("4a8b", 1001, "PRO месяц")
    assert (ours["level"], theirs["level"], crash["level"]) == ("info", "warning", "error")
    assert theirs["event"] == "it said something"
    assert "LookupError: lost" in crash["exception"]


def test_every_line_names_the_request_and_the_time_in_utc() -> None:
    for line in map(json.loads, spoken("prod")):
        assert line["request_id"] == "9f1c2ab0"
        assert line["timestamp"].endswith("Z")


def test_no_line_is_lost_for_an_odd_value() -> None:
    (line,) = map(json.loads, spoken("prod", SPEAK_ODDLY))

    assert (line["event"], line["half"], line["huge"]) == ("odd.said", "?", 2**70)


def test_in_dev_a_person_can_read_it() -> None:
    first = spoken("dev")[0]

    assert "payment.settled" in first
    assert "user_id=1001" in first
    assert not first.startswith("{")
