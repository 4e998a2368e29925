"""A guide as a story: its blocks of code in their order, run in one shell, in one folder."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
GUIDES = (*sorted(DOCS.glob("*.md")), ROOT / "README.md")
RUN = ("sh", "python", "sparql", "r")
"""Languages of blocks that are commands; every one is run unless its info line says `not-run`."""
_BLOCK = re.compile(r"^```(?P<language>\w*)(?P<words>[^\n]*)\n(?P<code>.*?)^```[ ]*$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A block of code: where it stands, its language, the words after it, its text."""

    guide: str
    line: int
    language: str
    words: tuple[str, ...]
    code: str

    @property
    def file(self) -> str | None:
        """The name of the file that it shows."""
        return next((word for word in self.words if "." in word), None)

    @property
    def runs(self) -> bool:
        """Whether it is a command that is to be run."""
        return self.language in RUN and "not-run" not in self.words

    def __str__(self) -> str:
        return f"{self.guide}:{self.line}"


def blocks(guide: Path) -> list[Block]:
    """The blocks of code of a guide."""
    text = guide.read_text(encoding="utf-8")
    return [
        Block(
            guide.name,
            text.count("\n", 0, m.start()) + 1,
            m["language"],
            tuple(m["words"].split()),
            m["code"],
        )
        for m in _BLOCK.finditer(text)
    ]


PRELUDE = """
set -eu -o pipefail
PIDS=
trap 'kill $PIDS 2>/dev/null || true; wait' EXIT
curl() { command curl -sS --fail-with-body --max-time 60 "$@"; }
started() {  # port command: a command that goes on serving, and what follows waits until it answers
  local port=$1; shift
  command "$@" > "$OUT/served-$port.log" 2>&1 & PIDS="$PIDS $!"
  for _ in $(seq 300); do
    if command curl -s -o "$OUT/health" "http://127.0.0.1:$port/health"; then return 0; fi
    sleep 0.1
  done
  cat "$OUT/served-$port.log" >&2; return 1
}
warranted() {
  case "$*" in
    serve) started "$PORT" warranted serve ;;
    "sparql "*) started "$OTHER" warranted "$@" ;;
    "demo --no-serve") command warranted verify ;;  # the tests make it once, by that very command
    *) command warranted "$@" ;;
  esac
}
"""


class Failed(Exception):
    """A block that failed, and what it said."""


def play(guide: Path, folder: Path, env: dict[str, str]) -> dict[Block, str]:
    """Run a guide from its first block to its last; what each printed.

    Raises:
        Failed: a block failed; with its place and what it said.
    """
    found = [block for block in blocks(guide) if block.runs or block.file]
    out = folder.parent / f"{folder.name}-out"
    out.mkdir()
    port, other = _free(2)

    def here(text: str) -> str:
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        return text.replace("127.0.0.1:8001", f"127.0.0.1:{other}").replace("8001", str(other))

    lines = [PRELUDE]
    for number, block in enumerate(found):
        lines.append(f"echo {number} > {out}/at")
        if block.file and block.language != "sh":
            (out / f"{number}.file").write_text(here(block.code), encoding="utf-8")
            lines.append(f"cp {out}/{number}.file {block.file}")
        if not block.runs:
            continue
        lines.append(
            f"{{\n{here(_command(block, number))}\n}} > {out}/{number}.out 2> {out}/{number}.err"
        )
    script = out / "story.sh"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        ["bash", str(script)],
        cwd=folder,
        env=_clean() | {"PORT": str(port), "OTHER": str(other), "OUT": str(out)}
        | {"WARRANTED_PORT": str(port)} | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        at = int((out / "at").read_text(encoding="utf-8"))
        told = [out / f"{at}.{end}" for end in ("out", "err")]
        said = "\n".join(f.read_text(encoding="utf-8")[-3000:] for f in told if f.is_file())
        raise Failed(f"{found[at]}\n{found[at].code}\n{said}\n{done.stderr[-2000:]}")
    return {
        block: (out / f"{number}.out").read_text(encoding="utf-8")
        for number, block in enumerate(found)
        if block.runs
    }


def _command(block: Block, number: int) -> str:
    if block.language == "python":
        file = block.file or f"block-{number}.py"
        return f"cat > {file} <<'END OF PYTHON'\n{block.code}END OF PYTHON\npython {file}"
    if block.language == "sparql":
        file = f"block-{number}.rq"
        return (
            f"cat > {file} <<'END OF SPARQL'\n{block.code}END OF SPARQL\n"
            f'if [ -z "$PIDS" ]; then warranted query --file {file} --format csv\n'
            f"else curl http://127.0.0.1:$PORT/sparql -H 'Accept: text/csv' --data-urlencode query@{file}\nfi"
        )
    return block.code


def _clean() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WARRANTED_")}
    return kept | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"}


def _free(count: int) -> Iterator[int]:
    with ExitStack() as held:
        found = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return iter([one.getsockname()[1] for one in found])


def shown(guide: Path) -> Iterator[tuple[Block, Block]]:
    """Each block that is run, with the block after it that shows what it prints."""
    found = blocks(guide)
    for block, after in pairwise(found):
        if block.runs and after.language == "text":
            yield block, after


def agrees(printed: str, told: str) -> bool:
    """Whether a guide shows what was printed; … in it stands for anything."""
    pattern = ".*?".join(re.escape(part) for part in told.strip().split("…"))
    return re.search(pattern, printed.strip(), re.DOTALL) is not None
