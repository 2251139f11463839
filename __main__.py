"""Sluice on one page: what exists in the cloud, and how it is wired."""

import pulumi
import pulumi_aws as aws

from components import access, lifecycle, settings
from components.alarms import Watch
from components.catalog import Catalog, RawCrawler
from components.code import Code
from components.dashboard import Dashboard
from components.job import Job, JobArgs
from components.key import Key
from components.logs import Logs
from components.names import Names
from components.schedule import Schedule
from components.topic import Topic
from components.zone import Zone, ZoneArgs

lake = settings.read()
kept = lake.retention
names = Names(lake.prefix, lake.stack, lake.region, account=aws.get_caller_identity().account_id)
folders = tuple(dict.fromkeys([*(d.name for d in lake.datasets), "sales", "customers", "products"]))

key = Key("key", names)
data_key = key.arn if lake.customer_key else None

deliver = access.receive_access_logs(names, ("raw", "processed", "assets"))
logs = Zone("logs", ZoneArgs(names, lake.protect, lifecycle.access_logs(kept), statements=[deliver]))
raw = Zone("raw", ZoneArgs(names, lake.protect, lifecycle.raw(folders, kept), data_key, logs.bucket, folders=folders))
processed = Zone("processed", ZoneArgs(names, lake.protect, lifecycle.processed(kept), data_key, logs.bucket))
assets = Zone("assets", ZoneArgs(names, lake.protect, lifecycle.assets(kept), data_key, logs.bucket))

catalog = Catalog("catalog", names, lake.protect)
code = Code("code", assets.bucket, lake.datasets, lake.wheels)
topic = Topic("alarms", names, key.arn, lake.alarm_email)
Logs("job-logs", names, key.arn, kept.logs)

jobs = {}
for dataset in lake.datasets:
    stands_on = JobArgs(
        names, dataset, code, raw.bucket, processed.bucket, assets.bucket, catalog.database, data_key, kept.raw_expire
    )
    jobs[dataset.name] = Job(f"{dataset.name}-job", stands_on).job
    Schedule(f"{dataset.name}-schedule", names, dataset, jobs[dataset.name])
    RawCrawler(f"{dataset.name}-crawler", names, dataset, catalog.database, raw.bucket, data_key)
    Watch(f"{dataset.name}-watch", names, dataset, jobs[dataset.name], topic.arn)
Dashboard("dashboard", names, lake.datasets)

pulumi.export("raw", raw.bucket)
pulumi.export("processed", processed.bucket)
pulumi.export("assets", assets.bucket)
pulumi.export("database", catalog.database)
pulumi.export("jobs", jobs)
pulumi.export("topic", topic.arn)
