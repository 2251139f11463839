"""A job of a few lines in place of every dataset's: it lists raw, keeps a ledger of its own and ends as it is told.

FOLDER is put in by `flowing`: what it reads there, and what it leaves.
"""

import json
import os
import pathlib
import sys
import time
import urllib.request
import xml.etree.ElementTree as ET

arguments = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=False))
folder, dataset, began = pathlib.Path("FOLDER"), arguments["--dataset"], time.time()
orders_file = folder / f"{dataset}.told"
orders = json.loads(orders_file.read_text()) if orders_file.exists() else {}
listed: list[str] = []
if "--raw" in arguments:
    bucket, prefix = arguments["--raw"].removeprefix("s3://").split("/", 1)
    url = f"{os.environ['AWS_ENDPOINT_URL']}/{bucket}?list-type=2&max-keys=5000&prefix={prefix}"
    signed = f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/19700101/eu-west-1/s3/aws4_request"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": signed})) as answer:
        tree = ET.fromstring(answer.read())
    keys = [node.text or "" for node in tree.iter() if node.tag.endswith("}Key")]
    listed = [key for key in keys if not key.endswith("/")]
if "message" in orders:  # what a job leaves for whoever tells of it
    bucket = arguments["--verdicts"].removeprefix("s3://").split("/", 1)[0]
    run_id = arguments["--JOB_RUN_ID"]
    body = json.dumps({**orders["message"], "dataset": dataset, "run_id": run_id}).encode()
    url = f"{os.environ['AWS_ENDPOINT_URL']}/{bucket}/outbox/{dataset}/{run_id}.json"
    signed = f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/19700101/eu-west-1/s3/aws4_request"
    headers = {"Authorization": signed}
    with urllib.request.urlopen(urllib.request.Request(url, data=body, method="PUT", headers=headers)):
        pass
if orders.get("hold"):
    (folder / f"{dataset}.holds").touch()
    while "hold" in orders_file.read_text():
        time.sleep(0.05)
if "fail" in orders:
    raise ValueError(orders["fail"])
ledger = folder / f"{dataset}.ledger"
ingested_keys = json.loads(ledger.read_text()) if ledger.exists() else []
unread = sorted(set(listed) - set(ingested_keys))
ledger.write_text(json.dumps(ingested_keys + unread))
with (folder / "runs.jsonl").open("a") as runs:
    orders_file = {
        "dataset": dataset,
        "id": arguments["--JOB_RUN_ID"],
        "began": began,
        "ended": time.time(),
        "read": unread,
    }
    runs.write(json.dumps(orders_file) + "\n")
