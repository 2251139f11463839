"""What a run asks of AWS: each request is counted at the proxy, and held against the model of what a run costs."""

from collections import Counter
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from sluice.program.bill.run_cost import Requests
from tests.faults.jobs import run_job
from tests.faults.lake import FaultyLake
from tests.faults.proxy import Proxy, Request
from tests.spark.lake import csv_bytes

SLACK = 8
"""How many requests of a kind the model may say beyond what is counted."""


def request_class(request: Request) -> str:
    """Return what a request is billed as: a write of S3, a read of S3, one of the catalog; "" for what is counted nowhere."""
    if request.service != "s3":
        return "catalog" if request.service == "glue" and request.action != "GetJobRun" else ""
    url = urlsplit(request.path)
    query = parse_qs(url.query, keep_blank_values=True)
    is_list = request.action == "GET" and ("list-type" in query or "versions" in query)
    return "writes" if is_list or request.action in ("PUT", "POST") else "reads"


def count_requests(lake: FaultyLake, proxy: Proxy, run: Callable[[], object]) -> Counter[str]:
    """Return how many requests of each class a run makes; it caches nothing, as a process of its own."""
    counted = Counter[str]()
    lake.start_afresh()
    proxy.after = lambda request: counted.update([request_class(request)])
    run()
    proxy.after = None
    return counted


def test_a_run_asks_no_more_than_the_model_says(
    faulty: FaultyLake, before: Proxy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for day, objects in ((1, 1), (2, 10)):
        for number in range(objects):
            sale = f"TXN{day}{number:02d},CUST100,PROD001,2,29.99,2025-01-1{day},US-EAST"
            faulty.put_key(f"trades/{day}-{number}.csv", csv_bytes(sale))
        counted = count_requests(faulty, before, lambda: run_job(faulty, monkeypatch, capsys))
        model = Requests.of_run(objects, 1)
        for kind in ("writes", "reads", "catalog"):
            expected = getattr(model, kind)
            low = 0 if kind == "reads" and day == 1 else expected - SLACK  # a first run reads no earlier snapshot
            assert low <= counted[kind] <= expected, (kind, counted, model)
