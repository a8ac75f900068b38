#!/usr/bin/env bash
# yookassa 3.13.0 (PyPI): a connection that cannot be made is reported as a bug of Python's, not as an error of the API.
#
# Payment.create() to an address where nobody listens raises
#   AttributeError: 'NoneType' object has no attribute 'status_code'
# which is neither the SDK's ApiError nor requests' ConnectionError. Who catches either, as one would, catches nothing
# in the one case in which it is not known whether a payment was made; the cause is only in __context__.
#
# Exit code: 0 when it behaves so, 1 when it does not any more, 2 when it could not be installed.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv" || exit 2
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check yookassa==3.13.0 || exit 2

cat >"$dir/try.py" <<'PYTHON'
import socket

import requests
from yookassa import Configuration, Payment
from yookassa.domain.exceptions import ApiError

with socket.socket() as nobody:  # bound and not listening: connections are refused
    nobody.bind(("127.0.0.1", 0))
    Configuration.configure("100500", "test_key", api_url=f"http://127.0.0.1:{nobody.getsockname()[1]}/v3")
    order = {
        "amount": {"value": "299.00", "currency": "RUB"},
        "confirmation": {"type": "redirect", "return_url": "https://shop.example/back"},
        "capture": True,
    }
    try:
        Payment.create(order, "order-17")
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
        print("is an ApiError:", isinstance(error, ApiError))
        print("is a requests.ConnectionError:", isinstance(error, requests.ConnectionError))
        print("came from:", type(error.__context__).__name__)
PYTHON

cat >"$dir/expected" <<'OUTPUT'
AttributeError: 'NoneType' object has no attribute 'status_code'
is an ApiError: False
is a requests.ConnectionError: False
came from: ConnectionError
OUTPUT

NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 "$dir/venv/bin/python" "$dir/try.py" >"$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" && echo "as described"
