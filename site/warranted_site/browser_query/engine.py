"""What the page runs: Oxigraph's WebAssembly and the editor from npm, and our scripts.

    assets/query/oxigraph.wasm.gz   the engine, for pages that come over HTTP
    assets/query/engine.js          the same and the worker in a script, for pages opened as files
    assets/query/worker.js          Oxigraph's bindings and our worker, in one classic script

A page opened as a file can neither fetch nor start a worker by its address, hence the second form: in
base64 it is a third larger. Over HTTP it is never asked for.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Final

from warranted import frontend
from warranted.errors import StoreUnavailable
from warranted.query import editor

FOLDER: Final = "assets/query"
"""Where the files are below the site's root."""
OURS: Final = Path(__file__).parents[1] / "assets" / "query"
THEIRS: Final = ("yasqe.min.js", "yasqe.min.css", "d3.min.js", "plot.umd.min.js")
"""Files from npm as `editor.asset` names them; each may be missing."""
_WASM: Final = "oxigraph/web_bg.wasm"
_BINDINGS: Final = "oxigraph/web.js"
_EXPORT = re.compile(r"^export (?:\{[^}]*\};?$)?", re.MULTILINE)
_NOTICE: Final = (
    "// Oxigraph {version} (https://github.com/oxigraph/oxigraph), MIT OR Apache-2.0, "
    "as a classic script; then the worker of this page.\n"
)


def bundled() -> bool:
    """Whether the engine is installed and goes with the site."""
    return frontend.file(_WASM) is not None and frontend.file(_BINDINGS) is not None


def packed(cache: Path) -> bytes:
    """The engine in gzip; packing takes half a second, so it is kept in the folder `cache`.

    Raises:
        StoreUnavailable: it is not installed.
    """
    wasm = frontend.file(_WASM)
    if wasm is None:
        raise StoreUnavailable("Oxigraph's WebAssembly is not installed.", fix="Run make npm.")
    return _packed(wasm, wasm.stat().st_mtime_ns, cache)


@lru_cache(maxsize=1)
def _packed(wasm: Path, _changed: int, cache: Path) -> bytes:
    content = wasm.read_bytes()
    kept = cache / f"oxigraph-{hashlib.sha256(content).hexdigest()[:16]}.wasm.gz"
    if not kept.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(".tmp")
        fresh.write_bytes(gzip.compress(content, 9, mtime=0))
        fresh.replace(kept)
    return kept.read_bytes()


def write(out: Path, cache: Path) -> list[str]:
    """Write the page's files into `assets/query/` of the site, those of npm where they are installed.

    Returns:
        Their paths from the site's root.
    """
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    names = [file.name for file in _copied()]
    for file in _copied():
        shutil.copyfile(file, folder / file.name)
    if bundled():
        wasm, source = packed(cache), worker()
        (folder / "oxigraph.wasm.gz").write_bytes(wasm)
        (folder / "worker.js").write_text(source, encoding="utf-8")
        told = f'{json.dumps(source)},"{base64.b64encode(wasm).decode("ascii")}"'
        (folder / "engine.js").write_text(f"warrantedEngine({told});\n", encoding="utf-8")
        names += ["oxigraph.wasm.gz", "worker.js", "engine.js"]
    return [f"{FOLDER}/{name}" for name in names]


def sources() -> list[Path]:
    """The files that these are made from."""
    made = [frontend.file(name) for name in (_WASM, _BINDINGS)]
    return [*_copied(), *(file for file in made if file is not None)]


def _copied() -> list[Path]:
    """The files that are copied as they are; those of npm where they are installed."""
    own = [OURS / name for name in ("browser.js", "guard.js", "query.css")]
    found = [editor.asset(name) for name in (*editor.SCRIPTS, "editor.css", *THEIRS)]
    return own + [file for file in found if file is not None]


def worker() -> str:
    """Oxigraph's bindings, which are an ES module, and our worker as one classic script."""
    bindings = frontend.file(_BINDINGS)
    assert bindings is not None
    described = json.loads((bindings.parent / "package.json").read_bytes())
    plain = _EXPORT.sub("", bindings.read_text(encoding="utf-8"))
    # The one use of the module's own address is where it would fetch the engine itself; we hand it over.
    plain = plain.replace("import.meta.url", "undefined")
    if re.search(r"^(?:import|export)\b|\bimport\.meta\b", plain, re.MULTILINE):
        raise StoreUnavailable(
            "Oxigraph's bindings are written in another way than this site can bundle.",
            fix="Use the version of oxigraph that package.json names.",
        )
    notice = _NOTICE.format(version=described["version"])
    return f'{notice}"use strict";\n{plain}\n{(OURS / "worker.js").read_text(encoding="utf-8")}'
