"""A wheel built from the checkout carries everything and works from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_runs_the_demo_from_an_empty_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    made = subprocess.run([*build, str(ROOT)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(installed)
    for needed in (
        "warranted/ontology/warranted.ttl",
        "warranted/shapes/test.ttl",
        "warranted/query/editor/page.html.j2",
        "warranted/query/editor/charts.js",
        "warranted_api/open/release.html",
        "warranted/packages/nclabsi-neonatal.ttl",
        "warranted_site/templates/package.html",
        "warranted_site/templates/guide.html",
        "warranted_site/takeaway/report.typ",
        "warranted_site/browser_query/summary/1-packages.rq",
        "warranted_site/assets/query/browser.js",
        "warranted/language/locale/es/LC_MESSAGES/warranted.po",
        "warranted/docs/readers.md",
        "warranted/docs/es/readers.md",
        "warranted/docs/pictures/home-phone.webp",
        "warranted_site/mkdocs.yml",
        "warranted_site/assets/warranted.css",
    ):
        assert needed in names, f"the wheel lacks {needed}"
    empty = tmp_path / "empty"
    empty.mkdir()
    # -I keeps the checkout out; what the wheel needs stands in this environment.
    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r}); import warranted; "
        f"assert warranted.__file__.startswith({str(installed)!r}), warranted.__file__; "
        "from warranted.cli import main; sys.argv = ['warranted', 'demo', '--no-serve']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code],
        cwd=empty,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (empty / "build" / "html" / "nclabsi-neonatal" / "index.html").is_file()
