"""Written from `openapi.json` by `make clients`; not edited by hand."""
