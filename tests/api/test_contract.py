"""The API keeps to its own description: schemathesis tries every operation with every kind of input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CASES = int(os.environ.get("WARRANTED_SCHEMATHESIS_CASES", "4"))
"""Cases of each operation; CI tries few of each, a longer run more."""

CONFIG = """
[generation]
deterministic = true
max-examples = {cases}
[phases.stateful]
enabled = false
"""


def test_no_answer_is_undocumented_or_a_fault_of_the_server(
    tmp_path: Path, running_hub: Callable[..., Any]
) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG.format(cases=CASES))
    with running_hub(tmp_path, WARRANTED_QUERY_SECONDS="2") as hub:
        token = f"Authorization: Bearer {hub.administrator.token}"
        description = hub.stranger.get("/openapi.json").json()
        paths = description["paths"]
        # of what is the same for every type of record, three stand for all
        some = ("/api/v1/test", "/api/v1/driver", "/api/v1/package")
        types = {p.split("/")[3] for p in paths if p.endswith("/versions")}
        kept = {
            p: o
            for p, o in paths.items()
            if not (p.startswith("/api/v1/") and p.split("/")[3] in types) or p.startswith(some)
        }
        for operations in kept.values():
            for operation in operations.values():
                content = operation.get("requestBody", {}).get("content", {})
                if "application/ld+json" in content:
                    # random records are tried elsewhere, in hundreds (tests/shapes)
                    content["application/ld+json"]["schema"] = {"type": "object"}
        description["components"]["schemas"] = {
            "Problem": description["components"]["schemas"]["Problem"]
        }
        (tmp_path / "openapi.json").write_text(json.dumps(description | {"paths": kept}))
        done = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                "--config-file",
                str(tmp_path / "schemathesis.toml"),
                "run",
                str(tmp_path / "openapi.json"),
                "--url",
                hub.url,
                "-H",
                token,
                "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
                "--phases",
                "examples,fuzzing",
                "--no-color",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert done.returncode == 0, done.stdout[:9000]
