"""Sluice on one page: what exists in the cloud, and how it is wired."""

import pulumi
import pulumi_aws as aws

from components.access import resource_policies
from components.alerting import listeners
from components.alerting.alarms import DatasetAlarms
from components.alerting.dashboard import Dashboard
from components.alerting.logs import Logs
from components.compute import forget, maintenance, packages
from components.compute.code import Code, CodeArgs
from components.compute.job import Job
from components.lake import Lake
from components.orchestration.digest import Digest
from components.orchestration.flow import Flow
from components.orchestration.watch import MessageWatch
from components.readers import readers
from components.settings import stack_settings
from components.storage import lifecycle
from components.storage.catalog import Catalog, RawCrawler
from components.storage.encryption_key import Key
from components.storage.zone import Zone, ZoneArgs

stack = stack_settings.read_settings()
options, protect = stack.options, stack.options.protect
packages.check_bundle(options.wheels)
names = stack.names_for(account=aws.get_caller_identity().account_id)
folders = tuple(dataset.name for dataset in stack.datasets if not dataset.terms.sources)

key = Key("key", names, protect)
data_key = key.arn if options.customer_key else None
delivery = resource_policies.receive_access_logs(names, "raw", "processed", "assets")
logs = Zone("logs", ZoneArgs(names, protect, lifecycle.access_log_rules(options), statements=[delivery]))
raw = Zone("raw", ZoneArgs(names, protect, lifecycle.raw_rules(folders, options), data_key, logs, folders=folders))
processed = Zone("processed", ZoneArgs(names, protect, lifecycle.processed_rules(options), data_key, logs))
assets = Zone("assets", ZoneArgs(names, protect, lifecycle.assets_rules(options), data_key, logs))
lake = Lake(
    names,
    *(zone.bucket for zone in (raw, processed, assets)),
    database=Catalog("catalog", names, protect).database,
    **listeners.declare_listeners(names, key.arn, stack),
    topic_key=key.arn,
    code=Code("code", CodeArgs(assets.bucket, stack.datasets, options.wheels)),
    data_key=data_key,
    raw_expire_days=options.raw_expire_days,
    docs_url=options.docs_url,
)
watch = MessageWatch("watch", lake, stack)
jobs = {dataset.name: Job(f"{dataset.name}-job", lake, dataset).job for dataset in stack.datasets}
for dataset in stack.datasets:
    if dataset.name in folders:
        RawCrawler(f"{dataset.name}-crawler", lake, dataset)
    maintenance.Maintenance(f"{dataset.name}-maintenance", lake, dataset, jobs[dataset.name])
    DatasetAlarms(f"{dataset.name}-watch", lake, dataset, jobs[dataset.name], watch)
forget.Forget("forget", lake, stack)
Flow("flow", lake, stack, jobs, watch)
if options.digest != "none":
    Digest("digest", lake, stack)
readers.Readers("readers", lake, stack)
Logs("job-logs", names, key.arn, options.log_days)
Dashboard("dashboard", names, stack)

outputs = {output: getattr(lake, output) for output in ("raw", "processed", "assets", "database", "topic")}
for output, value in {"prefix": options.prefix, "region": stack.region, **outputs, "jobs": jobs}.items():
    pulumi.export(output, value)
