"""What was found so far, kept in a file after each change, so that an interrupted run can go on."""

import json
from collections.abc import Mapping
from pathlib import Path

from mutants.trial import Verdict


class Results:
    """Verdicts by the names of their changes, of one state of the tree."""

    def __init__(self, file: Path, tree: str) -> None:
        self._file, self._tree = file, tree
        self._verdicts: dict[str, Verdict] = {}

    def resume(self) -> bool:
        """Take over what the file says. False if there is none, or it speaks of another state of the tree."""
        try:
            written = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return False
        if written.get("tree") != self._tree:
            return False
        self._verdicts = {name: Verdict(**verdict) for name, verdict in written["verdicts"].items()}
        return True

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        return self._verdicts

    def add(self, name: str, verdict: Verdict) -> None:
        self._verdicts[name] = verdict
        shown = {name: verdict._asdict() for name, verdict in self._verdicts.items()}
        text = json.dumps({"tree": self._tree, "verdicts": shown}, indent=2, ensure_ascii=False)
        unfinished = self._file.with_name(f"{self._file.name}.unfinished")
        unfinished.write_text(text + "\n")
        unfinished.replace(self._file)
