"""Malformed charts are refused in words that name the field and the fix."""

from __future__ import annotations

import json
from typing import Any

import pytest

from warranted.charts import ChartInput, analyse
from warranted.errors import InputError

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "y"),
        ({"y": None}, "y"),
        ({"y": []}, "y"),
        ({"y": "1,2,3"}, "y"),
        ({"y": {"0": 1}}, "y"),
        ({"y": [None, None]}, "y"),
        ({"y": [1, "2"]}, "y[1]"),
        ({"y": [1, True]}, "y[1]"),
        ({"y": [1, NAN]}, "y[1]"),
        ({"y": [INF]}, "y[0]"),
        ({"y": [1, 1e300]}, "y[1]"),
        ({"y": [0] * 10_001}, "y"),
        ({"chart": "pie", "y": [1]}, "chart"),
        ({"chart": ["run"], "y": [1]}, "chart"),
        ({"chart": "p", "y": [1, 2]}, "n"),
        ({"chart": "u", "y": [1, 2]}, "n"),
        ({"chart": "p", "y": [1, 2], "n": [3]}, "n"),
        ({"chart": "p", "y": [1, 2], "n": [3, 0]}, "n[1]"),
        ({"chart": "p", "y": [1, 2], "n": [3, -1]}, "n[1]"),
        ({"chart": "p", "y": [1, 2], "n": [3, None]}, "n[1]"),
        ({"chart": "p", "y": [1, 4], "n": [3, 3]}, "y[1]"),
        ({"chart": "p", "y": [0.2, 0.4], "n": [3, 3]}, "y[0]"),
        ({"chart": "c", "y": [3, -1]}, "y[1]"),
        ({"chart": "c", "y": [3, 1.5]}, "y[1]"),
        ({"y": [1, 2], "n": [1, 0]}, "n[1]"),
        ({"y": [1, 2, 3], "freeze": 0}, "freeze"),
        ({"y": [1, 2, 3], "freeze": 4}, "freeze"),
        ({"y": [1, 2, 3], "freeze": "2"}, "freeze"),
        ({"y": [1, 2, 3], "freeze": 1.5}, "freeze"),
        ({"y": [1, 2, 3], "freeze": 2, "part": [1]}, "freeze"),
        ({"y": [1, 2, 3], "part": [0]}, "part"),
        ({"y": [1, 2, 3], "part": [3]}, "part"),
        ({"y": [1, 2, 3], "part": [2, 1]}, "part"),
        ({"y": [1, 2, 3], "part": [1, 1]}, "part"),
        ({"y": [1, 2, 3], "part": ["1"]}, "part"),
        ({"y": [1, None, 3], "part": [1, 2]}, "part"),
        ({"y": [1], "target": "high"}, "target"),
        ({"y": [1], "target": NAN}, "target"),
        ({"y": [1], "multiply": 0}, "multiply"),
        ({"y": [1], "multiply": "1000"}, "multiply"),
        ({"y": [1], "screen": "yes"}, "screen"),
    ],
)
def test_malformed_input_names_field_and_fix(data: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        ChartInput.from_json(data)
    assert refused.value.field == field
    assert refused.value.fix
    assert field in refused.value.message or field == "part"


@pytest.mark.parametrize("data", [None, [1, 2, 3], "run", 3])
def test_something_other_than_an_object_is_refused(data: Any) -> None:
    with pytest.raises(InputError, match="JSON object"):
        ChartInput.from_json(data)


def test_a_gap_may_have_a_denominator_or_none() -> None:
    chart = ChartInput.of("p", [1, None, 2, None], n=[4, None, 4, 0])
    assert analyse(chart).gaps == (1, 3)


def test_unknown_keys_are_named_not_refused() -> None:
    result = analyse(ChartInput.from_json({"y": [1, 2, 3], "freze": 2}))
    assert "Not used: freze." in result.notes


def test_one_index_may_stand_for_a_list_of_parts() -> None:
    assert ChartInput.from_json({"y": [1, 2, 3], "part": 2}).part == (2,)


def test_result_is_plain_json() -> None:
    result = analyse(ChartInput.of("u", [1, None, 2], n=[4, None, 5], part=[1], target=1))
    assert json.loads(json.dumps(result.to_json(), allow_nan=False)) == result.to_json()


def test_decimals_count_as_they_are_written() -> None:
    # the median of 0.1 and 0.3 is 0.2 exactly, so the middle value lies on it
    result = analyse(ChartInput.of("run", [0.1, 0.2, 0.3, 0.2]))
    assert result.n_useful == 2
    assert result.center == 0.2
