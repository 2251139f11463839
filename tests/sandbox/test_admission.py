"""The sandbox answers a program that holds its keys, and no web page, whatever name or form the page's requests have."""

import asyncio
import http.client
import json
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sluice.sandbox.emulator.admission import Admission, with_admission
from sluice.sandbox.emulator.emulator import running_emulator
from sluice.sandbox.emulator.keys import AccessKeys
from sluice.sandbox.emulator.recorder import KEY_FILE
from tests.sandbox.stub import BUCKET, Workshop
from tests.sandbox.waiting import MOST_SECONDS, wait_until

PORT = 4566
KEYS = AccessKeys("SANDBOXA", "secret")
SIGNED = "AWS4-HMAC-SHA256 Credential={}/20260101/eu-west-1/glue/aws4_request, SignedHeaders=host, Signature=00"
PAGE = "https://page.example"
Headers = Mapping[str, str | list[str]]


def asgi_scope(headers: Headers, method: str = "POST", query: str = "") -> dict[str, Any]:
    """Return an ASGI scope."""
    pairs = [(name, text) for name, texts in headers.items() for text in ([texts] if isinstance(texts, str) else texts)]
    return {
        "type": "http",
        "method": method,
        "query_string": query.encode(),
        "headers": [(name.encode(), text.encode()) for name, text in pairs],
    }


def refusal_of(headers: Headers, method: str = "POST", query: str = "") -> str:
    """Return why a request is refused, "" where it is not; KEYS are the sandbox's, ASIAISSUED was issued by it."""
    admission = Admission.for_port(PORT, KEYS.access_key_id, {"ASIAISSUED"}.__contains__)
    refusal = admission.find_refusal(asgi_scope({"host": f"127.0.0.1:{PORT}", **headers}, method, query))
    return refusal.message if refusal else ""


def signed_headers(access: str = KEYS.access_key_id) -> dict[str, str]:
    return {"authorization": SIGNED.format(access)}


@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost:4566", "LocalHost:4566"])
def test_it_is_called_by_its_own_address(host: str) -> None:
    assert refusal_of({"host": host, **signed_headers()}) == ""


@pytest.mark.parametrize(
    "host",
    [
        "page.example",
        "page.example:4566",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1:45660",
        "127.0.0.1.page.example:4566",
        "localhost.page.example:4566",
        "bucket.localhost:4566",
        "page.example@127.0.0.1:4566",
        "[::1]:4566",
        "0.0.0.0:4566",
        "",
        [],
        ["127.0.0.1:4566", "page.example:4566"],
    ],
)
def test_it_is_called_by_no_other_name(host: str | list[str]) -> None:
    assert "127.0.0.1:4566 or localhost:4566" in refusal_of({"host": host, **signed_headers()})


def test_a_host_names_no_port_where_that_is_the_usual_one() -> None:
    admission = Admission.for_port(80, KEYS.access_key_id, set[str]().__contains__)
    assert admission.find_refusal(asgi_scope({"host": "localhost", **signed_headers()})) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://page.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:4566"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-origin"},
    ],
)
def test_what_a_page_sends_is_refused_whatever_its_keys(headers: dict[str, str]) -> None:
    assert "no web page" in refusal_of({**headers, **signed_headers()})


def test_a_preflight_is_refused_with_an_origin_and_without() -> None:
    assert "no web page" in refusal_of(signed_headers(), method="OPTIONS")
    assert "no web page" in refusal_of({"origin": "https://page.example"}, method="OPTIONS")


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        (signed_headers(), ""),
        (signed_headers("ASIAISSUED"), ""),
        (
            {
                "authorization": f"AWS4-HMAC-SHA256 SignedHeaders=host,Credential={KEYS.access_key_id}/1/2/s3/aws4_request"
            },
            "",
        ),
        ({"authorization": f"AWS {KEYS.access_key_id}:signature="}, ""),
        ({}, f"X-Amz-Credential={KEYS.access_key_id}%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"),
        ({}, f"x-amz-credential={KEYS.access_key_id}/20260101/eu-west-1/s3/aws4_request"),
        ({}, f"AWSAccessKeyId={KEYS.access_key_id}"),
        ({"sec-fetch-site": "none"}, f"X-Amz-Credential={KEYS.access_key_id}/20260101/eu-west-1/s3/aws4_request"),
    ],
)
def test_its_keys_are_taken_in_the_header_and_in_a_presigned_query(headers: dict[str, str], query: str) -> None:
    assert refusal_of(headers, query=query) == ""


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({}, ""),
        ({"authorization": ""}, ""),
        ({"authorization": "AWS4-HMAC-SHA256"}, ""),
        ({"authorization": f"Bearer {KEYS.access_key_id}"}, ""),
        ({"authorization": f"Basic Credential={KEYS.access_key_id}/"}, ""),
        (signed_headers(""), ""),
        (signed_headers("test"), ""),
        (signed_headers("000000000000"), ""),
        (signed_headers("ASIAFORGED"), ""),
        (signed_headers(KEYS.access_key_id[:-1]), ""),
        (signed_headers(f"{KEYS.access_key_id}B"), ""),
        (signed_headers(KEYS.access_key_id.lower()), ""),
        (signed_headers(KEYS.secret_access_key), ""),
        ({"authorization": [SIGNED.format(KEYS.access_key_id), SIGNED.format("test")]}, ""),
        ({"authorization": "AWS test:signature="}, ""),
        ({}, "X-Amz-Credential=test/20260101/eu-west-1/s3/aws4_request"),
        ({}, "AWSAccessKeyId=test"),
        ({}, f"key={KEYS.access_key_id}"),
        (signed_headers(), "X-Amz-Credential=test/20260101/eu-west-1/s3/aws4_request"),
        (signed_headers("test"), f"X-Amz-Credential={KEYS.access_key_id}/20260101/eu-west-1/s3/aws4_request"),
        ({"cookie": f"X-Amz-Credential={KEYS.access_key_id}/"}, ""),
    ],
)
def test_without_its_keys_nothing_is_answered(headers: Headers, query: str) -> None:
    refusal_text = refusal_of(headers, query=query)
    assert "sluice up" in refusal_text
    assert KEYS.access_key_id not in refusal_text


def pass_through(scope: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return which scopes the application heard of behind the admission, and what was sent in answer."""
    heard, answered = list[str](), list[dict[str, Any]]()

    async def echo_application(scope: Any, receive: Any, send: Any) -> None:
        heard.append(scope["type"])
        headers = [(b"Access-Control-Allow-Origin", b"*"), (b"access-control-max-age", b"1"), (b"etag", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def collect_message(message: Any) -> None:
        answered.append(message)

    admission = Admission.for_port(PORT, KEYS.access_key_id, set[str]().__contains__)
    asyncio.run(with_admission(echo_application, admission)(scope, None, collect_message))
    return heard, answered


def test_no_web_socket_opens_whatever_its_keys() -> None:
    heard, answered = pass_through(
        {**asgi_scope({"host": f"127.0.0.1:{PORT}", **signed_headers()}), "type": "websocket"}
    )
    assert (heard, answered) == ([], [{"type": "websocket.close"}])


def test_what_is_refused_is_not_heard_of_and_has_no_body_where_none_may_be() -> None:
    heard, [start, body] = pass_through(asgi_scope({"host": f"127.0.0.1:{PORT}"}, method="HEAD"))
    assert (heard, start["status"], body["body"]) == ([], 403, b"")


def test_what_is_admitted_is_answered_without_leave_for_other_origins() -> None:
    heard, [start] = pass_through(asgi_scope({"host": f"127.0.0.1:{PORT}", **signed_headers()}))
    assert (heard, start["status"], start["headers"]) == (["http"], 200, [(b"etag", b"1")])


# From here on over HTTP, to a running emulator.


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def cross_origin_headers(self) -> list[str]:
        """The headers by which it lets a page of another origin read it."""
        return [name for name in self.headers if name.startswith("access-control-")]


def send_request(
    workshop: Workshop, method: str, path: str, headers: Mapping[str, str], body: str | None = None
) -> Answer:
    """Send what is given and nothing of a client's own but Accept-Encoding, and `Host` where it is not given."""
    address = urlsplit(workshop.emulator.endpoint)
    with closing(http.client.HTTPConnection(address.netloc, timeout=MOST_SECONDS)) as connection:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body or "")))
        connection.endheaders((body or "").encode())
        answer = connection.getresponse()
        answer_headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, answer_headers, answer.read())


def call_headers(operation: str, access: str, **more: str) -> dict[str, str]:
    """Return the headers of a call of Glue's API, as an SDK sends them."""
    content = {"X-Amz-Target": f"AWSGlue.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    return {**content, "Authorization": SIGNED.format(access), **more}


def create_job_body(workshop: Workshop, name: str) -> str:
    """Return the body of a call that creates a job."""
    script = f"s3://{BUCKET}/none.py"
    return json.dumps({"Name": name, "Role": workshop.role, "Command": {"Name": "glueetl", "ScriptLocation": script}})


def job_names(workshop: Workshop) -> list[str]:
    pages = workshop.glue.get_paginator("get_jobs").paginate()
    return [job["Name"] for page in pages for job in page["Jobs"]]


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("rebound", {"Host": "page.example"}),
        ("of-a-page", {"Origin": PAGE}),
        ("of-a-file", {"Origin": "null"}),
        ("of-its-own-page", {"Origin": "http://{host}"}),
        ("fetched", {"Sec-Fetch-Site": "cross-site"}),
        ("unsigned", {"Authorization": ""}),
        ("of-before", {"Authorization": SIGNED.format("test")}),
        ("of-another-start", {"Authorization": SIGNED.format(AccessKeys.generate().access_key_id)}),
        ("of-no-role", {"Authorization": SIGNED.format("ASIA0123456789ABCDEF")}),
    ],
)
def test_a_job_is_created_by_none_but_its_user(workshop: Workshop, name: str, headers: dict[str, str]) -> None:
    host, access = urlsplit(workshop.emulator.endpoint).netloc, workshop.emulator.keys.access_key_id
    theirs = {header: value.format(host=host) for header, value in headers.items()}
    answer = send_request(
        workshop, "POST", "/", call_headers("CreateJob", access, **theirs), create_job_body(workshop, name)
    )
    assert answer.status == 403
    assert not answer.cross_origin_headers
    assert access.encode() not in answer.body
    assert name not in job_names(workshop)
    assert (
        send_request(
            workshop, "POST", "/", call_headers("CreateJob", access), create_job_body(workshop, f"{name}-mine")
        ).status
        == 200
    )
    assert f"{name}-mine" in job_names(workshop)


def test_a_run_is_started_by_no_page(workshop: Workshop) -> None:
    name = workshop.create_job("pass")
    headers = call_headers("StartJobRun", workshop.emulator.keys.access_key_id, Origin=PAGE)
    assert send_request(workshop, "POST", "/", headers, json.dumps({"JobName": name})).status == 403
    assert workshop.glue.get_job_runs(JobName=name)["JobRuns"] == []


@pytest.mark.parametrize("path", ["/", f"/{BUCKET}/key", "/health", "/_ministack/reset"])
def test_a_preflight_is_refused(workshop: Workshop, path: str) -> None:
    preflight_headers = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,x-amz-target",
    }
    answer = send_request(workshop, "OPTIONS", path, {"Origin": PAGE, **preflight_headers})
    assert (answer.status, answer.cross_origin_headers) == (403, [])


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PLAIN = {"Content-Type": "text/plain"}


@pytest.mark.parametrize("page", [{"Origin": PAGE, "Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {}])
def test_a_form_of_a_page_does_nothing(workshop: Workshop, page: dict[str, str]) -> None:
    """What a browser sends without asking first: three content types, and no header of one's own."""
    topic = urlencode({"Action": "CreateTopic", "Name": "from-a-page", "Version": "2010-03-31"})
    assert send_request(workshop, "POST", "/", {**page, **FORM}, topic).status == 403
    assert send_request(workshop, "POST", "/?X-Amz-Target=AWSGlue.CreateJob", {**page, **PLAIN}, "{}").status == 403
    parts = '--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nfrom-a-page\r\n'
    parts += '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nrows\r\n--b--\r\n'
    upload = send_request(
        workshop, "POST", f"/{BUCKET}", {**page, "Content-Type": "multipart/form-data; boundary=b"}, parts
    )
    assert upload.status == 403
    topics = workshop.emulator.client("sns").list_topics()["Topics"]
    assert not [topic for topic in topics if topic["TopicArn"].endswith("from-a-page")]
    with pytest.raises(ClientError, match="404"):
        workshop.emulator.client("s3").head_object(Bucket=BUCKET, Key="from-a-page")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", f"/{BUCKET}"),
        ("GET", "/health"),
        ("GET", "/_ministack/health"),
        ("GET", "/_localstack/health"),
        ("GET", "/_ministack/ses/messages"),
        ("GET", "/_ministack/sqs/messages"),
        ("POST", "/_ministack/config"),
        ("POST", "/_ministack/rds/iam-auth"),
        ("POST", "/_ministack/reset"),
    ],
)
def test_no_door_at_the_side_is_open(workshop: Workshop, method: str, path: str) -> None:
    answer = send_request(workshop, method, path, {})
    assert (answer.status, answer.cross_origin_headers) == (403, [])
    workshop.emulator.client("s3").head_bucket(Bucket=BUCKET)  # a reset would have emptied it


def test_what_is_answered_allows_no_other_origin(workshop: Workshop) -> None:
    answer = send_request(workshop, "POST", "/", call_headers("GetJobs", workshop.emulator.keys.access_key_id), "{}")
    assert (answer.status, answer.cross_origin_headers) == (200, [])
    assert json.loads(answer.body)["Jobs"] is not None


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_url_is_answered_until_it_expires(workshop: Workshop, version: str) -> None:
    workshop.put_text("presigned", "the text")

    def presigned_path(keys: AccessKeys, seconds: int = 60) -> str:
        s3 = keys.client("s3", workshop.emulator.endpoint, config=Config(signature_version=version))
        url = s3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "presigned"}, ExpiresIn=seconds)
        return url.removeprefix(workshop.emulator.endpoint)

    mine = workshop.emulator.keys
    assert send_request(workshop, "GET", presigned_path(mine), {}).body == b"the text"
    assert send_request(workshop, "GET", presigned_path(mine), {"Sec-Fetch-Site": "none"}).body == b"the text"
    assert send_request(workshop, "GET", presigned_path(mine), {"Origin": PAGE}).status == 403
    assert send_request(workshop, "GET", presigned_path(AccessKeys.generate()), {}).status == 403
    assert b"expired" in send_request(workshop, "GET", presigned_path(mine, -1), {}).body
    if version == "s3v4":
        assert (
            send_request(workshop, "GET", presigned_path(AccessKeys(mine.access_key_id, "another secret")), {}).status
            == 403
        )


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("sns", "list_topics", "InvalidClientTokenId"),
        ("glue", "get_jobs", "UnrecognizedClientException"),
        ("cloudwatch", "describe_alarms", "UnrecognizedClientException"),
        ("scheduler", "list_schedules", "UnrecognizedClientException"),
    ],
)
def test_an_sdk_with_other_keys_says_where_to_get_them(
    workshop: Workshop, service: str, operation: str, code: str
) -> None:
    client = AccessKeys.generate().client(service, workshop.emulator.endpoint)
    with pytest.raises(ClientError, match="sluice up") as refusal:
        getattr(client, operation)()
    assert refusal.value.response.get("Error", {}).get("Code") == code
    assert refusal.value.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 403
    getattr(workshop.emulator.client(service), operation)()


def test_a_large_upload_with_other_keys_is_told_why(workshop: Workshop) -> None:
    s3 = AccessKeys.generate().client("s3", workshop.emulator.endpoint)
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        s3.put_object(Bucket=BUCKET, Key="large", Body=b"x" * 10_000_000)


def test_keys_that_the_emulator_issued_are_taken(workshop: Workshop) -> None:
    emulator, iam = workshop.emulator, workshop.emulator.client("iam")
    role = AccessKeys.assume_role(workshop.role, emulator.connection)
    assert "assumed-role/job" in role.client("sts", emulator.endpoint).get_caller_identity()["Arn"]
    iam.create_user(UserName="somebody")
    issued = iam.create_access_key(UserName="somebody")["AccessKey"]
    user = AccessKeys(issued["AccessKeyId"], issued["SecretAccessKey"])
    assert user.client("glue", emulator.endpoint).get_jobs()
    iam.delete_access_key(UserName="somebody", AccessKeyId=user.access_key_id)
    with pytest.raises(ClientError, match="UnrecognizedClient"):
        user.client("glue", emulator.endpoint).get_jobs()


def test_each_start_has_keys_of_its_own_and_shows_them_to_nobody(workshop: Workshop) -> None:
    with running_emulator() as another:
        mine, theirs = workshop.emulator.keys, another.keys
        assert len({mine.access_key_id, mine.secret_access_key, theirs.access_key_id, theirs.secret_access_key}) == 4
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            mine.client("sts", another.endpoint).get_caller_identity()
        assert theirs.access_key_id not in f"{another}{another.keys}"


def test_keys_are_in_no_command_line_and_no_file_that_others_read(workshop: Workshop) -> None:
    run = workshop.glue.start_job_run(
        JobName=workshop.create_job("import time\nprint('up', flush=True)\ntime.sleep(600)")
    )
    name, home = run["JobRunId"], workshop.emulator.home
    log = workshop.emulator.run_log(name)
    wait_until(lambda: log.exists() and "up" in log.read_text())
    role, mine = (log.parent / KEY_FILE).read_text(), workshop.emulator.keys
    files = [path for path in home.rglob("*") if path.is_file()]
    assert log.parent / "conf" / "spark.properties" in files
    assert not [path for path in [home, *files] if path.stat().st_mode & 0o077]
    assert not [
        path
        for path in files
        if any(key.encode() in path.read_bytes() for key in (mine.access_key_id, mine.secret_access_key))
    ]
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    assert str(home) in listed
    assert not [key for key in (mine.access_key_id, mine.secret_access_key, role) if key in listed]
