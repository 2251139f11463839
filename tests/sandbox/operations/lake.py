"""A deployed dataset as an operator meets it, made without Spark: what runs leave is written by pyiceberg instead."""

import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import In

from components.access.message_policies import SEVERITIES
from components.names import Names
from components.orchestration.message_states import FLOW, Teller
from components.orchestration.state_machine import FlowStep, machine_definition
from components.tags import TAG
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.storage.raw_objects import RawObject
from sluice.cli.app import main
from sluice.operations import quarantined_rows
from sluice.operations.account import Account
from sluice.operations.deployed_dataset import DeployedDataset, one_deployed
from sluice.sandbox.emulator.emulator import ACCOUNT, Emulator
from sluice.sandbox.jobs.spark import REGION
from tests.lake import LAKE

ROOT = Path(__file__).resolve().parents[3]
DATASET = "trades"
LINEAGE_COLUMNS = ("_object", "_version", "_run_id")
TABLE_SCHEMA = pa.schema([pa.field(name, pa.string()) for name in ("transaction_id", *LINEAGE_COLUMNS)])
QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("row", pa.string()),
        pa.field("source", pa.string()),
        pa.field("rules", pa.list_(pa.string())),
        pa.field("object", pa.string()),
        pa.field("version", pa.string()),
        pa.field("ordinal", pa.int64()),
        pa.field("set_aside_at", pa.timestamp("us", "UTC")),
        pa.field("_run_id", pa.string()),
    ]
)
ENDS_AT_ONCE = "print('done')"
SLEEPS = "import time; time.sleep(600)"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class CommandResult:
    """What a command returned and wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Lake:
    """One dataset in a stack of its own."""

    emulator: Emulator
    account: Account
    role: str
    number: int = field(default_factory=lambda: next(_numbers))
    runs: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.stack, self.bucket, self.database = f"s{self.number}", f"lake-{self.number}", f"lake_{self.number}"
        self.s3, self.glue = self.emulator.client("s3"), self.emulator.client("glue")
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        self.glue.create_database(DatabaseInput={"Name": self.database})
        for stage in ("input", "output"):
            text = (LAKE / "expectations" / DATASET / f"{stage}.json").read_bytes()
            self.s3.put_object(Bucket=self.bucket, Key=f"contracts/{stage}.json", Body=text)
        self.job = f"sluice-{self.stack}-{DATASET}"
        self.define_job(ENDS_AT_ONCE)

    def define_job(self, script: str) -> None:
        """Make the job, or make it anew, with a script of a few lines."""
        bucket_url = f"s3://{self.bucket}"
        arguments = {
            "--dataset": DATASET,
            "--stack": self.stack,
            "--raw": f"{bucket_url}/{DATASET}/",
            "--table": f"lake.{self.database}.{DATASET}",
            "--location": f"{bucket_url}/parquet/{DATASET}",
            "--input-contract": f"{bucket_url}/contracts/input.json",
            "--output-contract": f"{bucket_url}/contracts/output.json",
            "--verdicts": f"{bucket_url}/verdicts/{DATASET}/",
            "--TempDir": f"{bucket_url}/temp/{DATASET}/",
        }
        self._create_job(self.job, script, arguments)

    def define_maintenance(self, script: str) -> str:
        """Make the job that maintains the dataset's tables; return its name."""
        name = f"{self.job}-maintenance"
        self._create_job(name, script, {"--maintain": DATASET, "--publisher": self.job})
        return name

    def define_forget(self, script: str) -> str:
        """Make the job of the stack that forgets rows; return its name."""
        name = f"sluice-{self.stack}-forget"
        self._create_job(name, script, {"--forget": "-", "--assets": f"s3://{self.bucket}/", "--log-days": "30"})
        return name

    def define_flow(self) -> str:
        """Make the flow of the stack, which runs the dataset alone; return its ARN."""
        topic = self.emulator.client("sns").create_topic(Name="messages")["TopicArn"]
        steps = [FlowStep(DATASET, self.job, 60, f"s3://{self.bucket}/verdicts/{DATASET}/")]
        names = Names("sluice", self.stack, REGION, ACCOUNT)
        teller = Teller(names, FLOW, self.bucket, dict.fromkeys(SEVERITIES, topic))
        text = json.dumps(machine_definition(teller, steps, None, []))
        states, name = self.emulator.client("stepfunctions"), names.resource_name("flow")
        tags = [{"key": TAG, "value": self.stack}]
        return states.create_state_machine(name=name, definition=text, roleArn=self.role, tags=tags)["stateMachineArn"]

    def define_watch(self) -> None:
        """Make a watch that publishes what it is given to the topic of its severity, and who hears: ann, a pager and a hook."""
        names, sns = Names("sluice", self.stack, REGION, ACCOUNT), self.emulator.client("sns")
        severities = ("critical", "warning", "info")
        created = {name: sns.create_topic(Name=names.resource_name("messages", name)) for name in severities}
        topics = {severity: answer["TopicArn"] for severity, answer in created.items()}
        alarms = sns.create_topic(Name=names.resource_name("alarms"))["TopicArn"]
        for topic, protocol, endpoint in (
            (topics["critical"], "email", "ann@example.com"),
            (topics["warning"], "email", "ann@example.com"),
            (alarms, "https", "https://events.pagerduty.com/integration/secret-key/enqueue"),
        ):
            sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        self._create_webhook(names.resource_name("hook"))
        publish = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Arguments": {
                "TopicArn": f"{{% $lookup({json.dumps(topics)}, $states.input.drill.severity) %}}",
                "Subject": "{% $states.input.drill.subject %}",
                "Message": "{% $states.input.drill.email %}",
            },
            "End": True,
        }
        text = json.dumps({"QueryLanguage": "JSONata", "StartAt": "Tell", "States": {"Tell": publish}})
        states, name = self.emulator.client("stepfunctions"), names.resource_name("watch")
        states.create_state_machine(name=name, definition=text, roleArn=self.role)

    def _create_webhook(self, name: str) -> None:
        events = self.emulator.client("events")
        key = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}}
        arn = events.create_connection(Name=name, AuthorizationType="API_KEY", AuthParameters=key)["ConnectionArn"]
        events.create_api_destination(
            Name=name, ConnectionArn=arn, InvocationEndpoint="https://hooks.example.com/secret", HttpMethod="POST"
        )

    def define_alarm(self, state: str = "OK") -> str:
        """Make the alarm `broken` of the job, in a state; return its name."""
        cloudwatch, name = self.emulator.client("cloudwatch"), f"{self.job}-broken"
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="Sluice",
            MetricName="Broken",
            Dimensions=[{"Name": "JobName", "Value": self.job}],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")
        return name

    def _create_job(self, name: str, script: str, arguments: dict[str, str]) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=f"code/{name}.py", Body=script.encode())
        self.glue.delete_job(JobName=name)
        place = f"s3://{self.bucket}/code/{name}.py"
        command = {"Name": "glueetl", "ScriptLocation": place, "PythonVersion": "3"}
        self.glue.create_job(Name=name, Role=self.role, Command=command, DefaultArguments=arguments, GlueVersion="6.0")

    @contextmanager
    def started_job(self, job: str = "") -> Iterator[Callable[[], str]]:
        """Let the job, or another of ours, be started; what was started is stopped at the end."""
        started: list[str] = []

        def start_run() -> str:
            started.append(self.glue.start_job_run(JobName=job or self.job)["JobRunId"])
            return started[-1]

        try:
            yield start_run
        finally:
            self.glue.batch_stop_job_run(JobName=job or self.job, JobRunIds=started)

    def remove_jobs(self) -> None:
        """Remove the jobs, so that the next test's commands have fewer to look through."""
        for job in (self.job, f"{self.job}-maintenance", f"sluice-{self.stack}-forget"):
            self.glue.delete_job(JobName=job)

    @cached_property
    def deployed(self) -> DeployedDataset:
        return one_deployed(self.account, DATASET, self.stack)

    @cached_property
    def catalog(self) -> Any:
        keys = self.emulator.keys
        files = {
            "s3.access-key-id": keys.access_key_id,
            "s3.secret-access-key": keys.secret_access_key,
            "s3.region": REGION,
        }
        return GlueCatalog("lake", client=self.glue, **files, **{"s3.endpoint": self.emulator.endpoint})

    def load_table(self, name: str = DATASET) -> Any:
        return self.catalog.load_table((self.database, name))

    def _load_or_create_table(self, name: str, schema: pa.Schema, location: str) -> Any:
        # pyiceberg's own `create_table_if_not_exists` writes a table's first file each time before it loads what is there.
        try:
            return self.load_table(name)
        except NoSuchTableError:
            return self.catalog.create_table((self.database, name), schema, location=location)

    def put_object(self, name: str, body: bytes = b"1\n") -> RawObject:
        """Put a raw object under the dataset's prefix; return it as it is listed."""
        self.s3.put_object(Bucket=self.bucket, Key=f"{DATASET}/{name}", Body=body)
        [raw_object] = [
            listed_object
            for listed_object in self.deployed.list_raw_objects()
            if listed_object.key == f"{DATASET}/{name}"
        ]
        return raw_object

    def publish_objects(self, *objects: RawObject, bad: Iterable[str] = (), replays: str = "") -> str:
        """Publish as a run does: a row of each object, in place of those of its earlier version; return the snapshot.

        `bad` are the ids of rows set aside, all of the first object; `replays` is a run whose rows aside come instead.
        """
        run = f"jr_{next(self.runs)}"
        ledger_before = ledger.read_ledger(self.s3, self.deployed.head)
        ledger_after = ledger_before.with_objects(objects, [run] if bad else [])
        if replays:
            ledger_after = ledger_before.with_replay(replays, run, has_quarantined=False)
        if bad:
            self.quarantine_rows(run, objects[0].key, bad, objects[0].version)
        ledger.write_ledger(self.s3, f"{self.deployed.places.ledgers}/{run}.json", ledger_after)
        rows = [(raw_object.key, raw_object.version) for raw_object in objects] or [("replayed", "1")]
        self._append_rows(
            run, [raw_object.key for raw_object in objects if raw_object.key in ledger_before.held.all_objects()], rows
        )
        return self.published_snapshot

    def _append_rows(self, run: str, corrected: list[str], rows: list[tuple[str, str]]) -> None:
        """Append; where something is corrected, delete it first, both on the run's branch.

        Only the last snapshot of the two carries the pointer, and only that is ever main.
        """
        table = self._load_or_create_table(DATASET, TABLE_SCHEMA, f"s3://{self.bucket}/parquet/{DATASET}")
        branch = f"run_{run}" if corrected else "main"
        if corrected:
            table.manage_snapshots().create_branch(table.current_snapshot().snapshot_id, branch).commit()
            table.delete(In("_object", corrected), branch=branch)  # pyright: ignore[reportCallIssue]
        records = [
            {"transaction_id": key, "_object": key, "_version": version, "_run_id": run} for key, version in rows
        ]
        properties = {ledger.POINTER: f"{self.deployed.places.ledgers}/{run}.json", "sluice.run-id": run}
        table.append(pa.Table.from_pylist(records, schema=TABLE_SCHEMA), snapshot_properties=properties, branch=branch)
        if corrected:
            with self.load_table().manage_snapshots() as change:
                change.set_current_snapshot(ref_name=branch).remove_branch(branch)

    def quarantine_rows(self, run: str, key: str, rows: Iterable[str], version: str = "1") -> None:
        """Append rows to the quarantine."""
        place = self.deployed.places.quarantine
        table = self._load_or_create_table(f"{DATASET}_quarantine", QUARANTINE_SCHEMA, place)
        now = datetime.now(UTC)
        records = [
            {"row": row, "source": "{}", "rules": ["a.rule"], "object": key, "set_aside_at": now, "_run_id": run}
            | {"version": version}
            for row in rows
        ]
        table.append(
            pa.Table.from_pylist(records, schema=QUARANTINE_SCHEMA), snapshot_properties={"sluice.run-id": run}
        )

    def remove_quarantined_rows(self, rows: Iterable[str]) -> None:
        """Remove rows from the quarantine, as the next run does once they count no longer."""
        self.load_table(f"{DATASET}_quarantine").delete(In("row", list(rows)))  # pyright: ignore[reportCallIssue]

    def quarantined_ids(self) -> list[str]:
        """Return the ids of the rows aside, as an operator's commands find them."""
        return sorted(row["row"] for row in quarantined_rows.quarantined_rows(self.deployed))

    @property
    def published_snapshot(self) -> str:
        """The snapshot that readers see."""
        return str(self.deployed.head.snapshot)

    @property
    def published_rows(self) -> set[tuple[str, str]]:
        """What readers see: the object and version of each row."""
        table_rows = self.load_table().scan().to_arrow().to_pylist()
        return {(row["_object"], row["_version"]) for row in table_rows}

    @property
    def ledger(self) -> Ledger:
        return self.deployed.ledger

    def unread_keys(self) -> list[str]:
        """Return the keys that the next run would read, as `status` has them."""
        [state] = self.run_command("status", "--json").json
        return [raw_object["key"] for raw_object in state["objects"]["unread"]]

    def run_command(self, command: str, *options: str) -> CommandResult:
        """Run an operator's command on the dataset, as from the command line."""
        return self.run_stack_command(command, DATASET, *options)

    def run_stack_command(self, command: str, *options: str) -> CommandResult:
        """Run an operator's command on the stack, as from the command line."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([command, *options, "--stack", self.stack], self.account)
        return CommandResult(code, out.getvalue(), err.getvalue())
