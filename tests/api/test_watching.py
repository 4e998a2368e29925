"""What an operator sees: metrics and log lines that say nothing of what was sent or read; a graceful stop."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engines
import httpx
from hub import PREFIXES, TURTLE, Hub

SECRET = "Tlaloc-words"
BODY = f'{PREFIXES} <> a nic:PrimaryDriver ; rdfs:label "{SECRET}"@en ; nic:notStated nic:contributesTo .'


def test_metrics_count_requests_by_route(hub: Hub) -> None:
    hub.curator("POST", "/api/v1/driver", content=BODY, headers=TURTLE)
    hub.stranger.get("/api/v1/driver/no-such-thing")
    text = hub.stranger.get("/metrics").text
    assert 'warranted_requests_total{method="POST",route="/api/v1/{type}",status="201"}' in text
    assert 'route="/api/v1/{type}/{id}",status="404"' in text
    assert "warranted_graph_behind 0.0" in text
    assert 'warranted_records{type="driver"}' in text
    assert SECRET not in text
    assert "no-such-thing" not in text


def test_log_lines_hold_neither_words_nor_tokens(tmp_path: Path, run: Callable[..., Any]) -> None:
    assert run("init", cwd=tmp_path).returncode == 0
    port = engines.free_port()
    env = {
        "WARRANTED_PORT": str(port),
        "WARRANTED_WRITE_TOKEN": "a-secret-token",
        "WARRANTED_LOG": "json",
        "PATH": "/usr/bin",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "warranted.cli", "serve"],
        cwd=tmp_path,
        env=env,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []
    assert process.stderr is not None
    reader = threading.Thread(target=lambda: lines.extend(process.stderr or ()), daemon=True)
    reader.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        for _ in range(200):
            try:
                client.get("/health")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        token = {"Authorization": "Bearer a-secret-token"}
        made = client.post("/api/v1/driver", content=BODY, headers=TURTLE | token)
        assert made.status_code == 201
        client.post(
            "/api/v1/driver", content=b"nonsense " + SECRET.encode(), headers=TURTLE | token
        )
        client.get("/api/v1/driver", params={"q": SECRET}, headers=token)
    process.terminate()
    assert process.wait(20) in (0, -15)
    reader.join(10)
    process.stderr.close()
    text = "".join(lines)
    assert SECRET not in text
    assert "a-secret-token" not in text
    told = [json.loads(line) for line in lines if line.startswith("{")]
    posted = [t for t in told if t.get("route") == "/api/v1/{type}" and t.get("method") == "POST"]
    assert [t["status"] for t in posted] == [201, 400]
    assert posted[0]["request"] == made.headers["x-request-id"]


def test_what_is_being_answered_is_finished_before_the_stop(
    tmp_path: Path, running_hub: Callable[..., Any]
) -> None:
    answers: list[int] = []
    with running_hub(tmp_path) as hub:

        def write() -> None:
            for _ in range(20):
                try:
                    answer = hub.curator("POST", "/api/v1/driver", content=BODY, headers=TURTLE)
                except httpx.TransportError:
                    return
                answers.append(answer.status_code)

        thread = threading.Thread(target=write)
        thread.start()
        while len(answers) < 3:
            time.sleep(0.01)
    thread.join()
    assert set(answers) == {201}
