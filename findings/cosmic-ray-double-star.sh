#!/usr/bin/env bash
# cosmic-ray 8.7.0 (PyPI): the two stars that unpack a dictionary are taken for a power, and counted as killed.
#
# * `{**defaults, **given}` has no operator; yet 22 mutants are made of it, such as `{+defaults, **given}`, of which not
#   one is Python. A single star (`[*prices]`) is rightly left alone.
# * A mutant that cannot be compiled is reported like one that a test noticed: below, "tests" that check nothing reach a
#   survival rate of 0 %. Code with much unpacking looks better tested than it is.
#
# Exit code: 0 when it behaves so, 1 when it does not any more, 2 when it could not be installed.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv" || exit 2
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check cosmic-ray==8.7.0 || exit 2
export PATH="$dir/venv/bin:$PATH"
cd "$dir"

cat >prices.py <<'PYTHON'
def merged(defaults, **given):
    return {**defaults, **given}


def listed(*prices):
    return [*prices]
PYTHON

cat >session.toml <<'TOML'
[cosmic-ray]
module-path = "prices.py"
timeout = 30
excluded-modules = []
test-command = "python -c 'import prices'"
distributor.name = "local"
TOML

cosmic-ray init session.toml session.sqlite
cosmic-ray dump session.sqlite >mutants.json
cosmic-ray exec session.toml session.sqlite
cosmic-ray dump session.sqlite >tried.json

cat >count.py <<'PYTHON'
import json
from collections import Counter

tried = [json.loads(line) for line in open("tried.json")]
mutations = [work["mutations"][0] for work, _ in tried]
changed = [line[1:].strip() for _, result in tried for line in result["diff"].splitlines() if line[:5] == "+    "]


def is_python(line):
    try:
        compile(f"def f(): {line}", "", "exec")
    except SyntaxError:
        return False
    return True


print("mutants:", len(tried), "on lines", sorted({mutation["start_pos"][0] for mutation in mutations}))
print("operators:", sorted({mutation["operator_name"].rpartition("_")[0] for mutation in mutations}))
print("one of them:", min(changed))
print("are Python:", sum(map(is_python, changed)))
print("outcomes:", dict(Counter(result["test_outcome"] for _, result in tried)))
PYTHON

cat >expected <<'OUTPUT'
mutants: 22 on lines [2]
operators: ['core/ReplaceBinaryOperator_Pow']
one of them: return {%defaults, **given}
are Python: 0
outcomes: {'killed': 22}
OUTPUT

python count.py | tee seen
diff expected seen && echo "as described"
