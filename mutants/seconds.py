"""A plugin of pytest: writes which tests passed, and in how many seconds with all that they set up."""

import json
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seconds", type=Path, help="Where to write them, as JSON.")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Seconds(config.getoption("--seconds")))


class Seconds:
    """Adds up the phases of each test."""

    def __init__(self, file: Path) -> None:
        self._file, self._took, self._failed = file, dict[str, float](), set[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._took[report.nodeid] = self._took.get(report.nodeid, 0.0) + report.duration
        if not report.passed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        passed = {test: took for test, took in self._took.items() if test not in self._failed}
        self._file.write_text(json.dumps(passed))
