"""`billing-service api` with renewals on, which its settings refuse until this release can renew."""

import argparse
import sys

import uvicorn

from billing_service import config
from billing_service.app import create_app
from billing_service.kit import logging
from billing_service.web.http_server import BoundedProtocol


def main() -> None:
    """As `billing-service api`, with the same options."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    where = parser.parse_args(sys.argv[2:])
    logging.configure(readable=True)
    settings = config.load().model_copy(update={"billing_recurring_enabled": True})
    uvicorn.run(create_app(settings), http=BoundedProtocol, host=where.host, port=where.port, log_config=None)
