"""Where no token was made, nobody writes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2 as httpx


def test_where_no_token_was_made_nobody_writes(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if k != "WARRANTED_WRITE_TOKEN"}
    process = subprocess.Popen(
        [sys.executable, "-m", "warranted.cli", "serve"],
        cwd=tmp_path,
        env=environment | {"WARRANTED_PORT": str(port)},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                httpx.get(f"{url}/health")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}):
            answer = httpx.post(f"{url}/api/v1/network", content="x", headers=headers)
            assert answer.status_code == 401
            assert "oken" in answer.json()["detail"]
        said = httpx.get(f"{url}/sparql").json()["detail"]
        assert said == "Nothing has been published yet. Run warranted publish."
    finally:
        process.terminate()
        process.wait(20)
