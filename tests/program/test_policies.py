"""Every stack holds to every policy, and each policy notices a program that does not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sluice.program.graph import ACCOUNT, Graph
from sluice.program.policies import POLICIES, broken_policies
from sluice.program.policies.alarms import ALARM
from sluice.program.policies.identity import ROLE as ROLE_TYPE
from sluice.program.policies.keeping import GUARDS
from sluice.program.policies.policy import BUCKET
from tests.program.altered import GONE, altered_graph

RESOURCES, ACCESS, ALARMS, CODE = (
    "components/access/resource_policies.py",
    "components/access/policy_documents.py",
    "components/alerting/alarms.py",
    "components/compute/code.py",
)
JOB, KEY, LIFECYCLE, ZONE = (
    "components/compute/job.py",
    "components/storage/encryption_key.py",
    "components/storage/lifecycle.py",
    "components/storage/zone.py",
)
MAINTENANCE, FORGET_ACCESS = "components/compute/maintenance.py", "components/access/forget_policy.py"
CATALOG, ROLE, TOPIC, PAGE = (
    "components/storage/catalog.py",
    "components/access/role.py",
    "components/alerting/topic.py",
    "__main__.py",
)
STATES, SCHEDULE = "components/orchestration/state_machine.py", "components/orchestration/schedule.py"
FLOW, FLOW_ACCESS = "components/orchestration/flow.py", "components/access/flow_policies.py"
QUEUE, UNDELIVERED = "components/orchestration/queue.py", "components/alerting/dead_letters.py"
DEAD_LETTER = 'dead_letter_config={"arn": self.lake.undelivered},'
CHANNELS, WATCH_STATES = "components/alerting/channels.py", "components/orchestration/watch_states.py"
WATCH, MESSAGES = "components/orchestration/watch.py", "components/orchestration/message_states.py"
OF_ALARMS = 'actions, resource, StringEquals={"aws:SourceAccount": names.account})'
NAMED = "parent=self, delete_before_replace=True"
FEW_DATASETS = '{"buyers": {"needs": ["goods"]}, "goods": {}}'
LAST = 'Logs("job-logs"'
MUTANTS = [
    ("alarm.dimensions", (ALARMS, '"JobRunId": "ALL", ', "")),
    ("alarm.dimensions", (ALARMS, "glue.error.ALL", "glue.driver.aggregate.numFailedTasks")),
    ("alarm.dimensions", (ALARMS, '"JobRunId": "ALL"', '"JobRunId": "all"')),
    ("alarm.names-something", (ALARMS, '"RuleName": rule', '"RuleName": "sluice-dev-trades-success"')),
    ("alarm.names-something", (UNDELIVERED, '"QueueName": resource.name', '"QueueName": names.of("arrivals")')),
    ("alarm.explains", (UNDELIVERED, "#undelivered", "#lost")),
    ("alarm.can-fire", (ALARMS, "if dataset.terms.may_quarantine:", "if dataset.terms:")),
    ("alarm.can-fire", (ALARMS, "threshold=1,", "threshold=0,")),
    ("alarm.window", (ALARMS, "HOUR = 3600", "HOUR = 36000")),
    ("alarm.window", (ALARMS, "HOUR = 3600", "HOUR = 3540")),
    ("alarm.acts", (ALARMS, "alarm_actions=[self.lake.alarms[severity]],", "")),
    ("alarm.acts", (ALARMS, "            ok_actions=[topic],", "")),
    ("alarm.acts", (ALARMS, "            Severity.WARNING,", "")),
    ("alarm.enabled", (ALARMS, "actions_enabled=self.dataset.active", "actions_enabled=True")),
    ("alarm.enabled", (ALARMS, "threshold=hours,", "threshold=hours, actions_enabled=False,")),
    ("alarm.explains", (ALARMS, "docs/runbook.md", "docs/readme.md")),
    ("alarm.explains", (ALARMS, '"stale",', '"old",')),
    ("alarm.explains", (ALARMS, 'tags={"owner": self.dataset.terms.owner},', "")),
    ("alarm.dead-man", (ALARMS, 'treat_missing_data="breaching"', 'treat_missing_data="missing"')),
    ("alarm.dead-man", (ALARMS, "datapoints_to_alarm=hours", "datapoints_to_alarm=1")),
    ("alarm.dead-man", (ALARMS, 'state=["SUCCEEDED"]', 'state=["SUCCEEDED", "FAILED"]')),
    ("bucket.closed", (ZONE, "restrict_public_buckets=True", "restrict_public_buckets=False")),
    ("bucket.no-acl", (ZONE, "BucketOwnerEnforced", "BucketOwnerPreferred")),
    ("bucket.tls", (RESOURCES, '"aws:SecureTransport": "false"', '"aws:SecureTransport": "true"')),
    ("bucket.tls", (RESOURCES, 'names.bucket_arn(zone, "/*")]', 'names.bucket_arn(zone, "/data/*")]')),
    ("bucket.encrypted", (ZONE, '"sse_algorithm": "AES256"', '"sse_algorithm": "aws:kms"')),
    (
        "bucket.logged",
        (
            PAGE,
            "lifecycle.processed_rules(options), data_key, logs)",
            "lifecycle.processed_rules(options), data_key)",
        ),
    ),
    ("bucket.logged", (ZONE, "target_bucket=logs.bucket", "target_bucket=self.bucket")),
    ("bucket.logs-admitted", (RESOURCES, '"logging.s3.amazonaws.com"', '"delivery.logs.amazonaws.com"')),
    ("bucket.logs-admitted", (PAGE, '"raw", "processed", "assets")', '"raw", "processed")')),
    ("bucket.logs-admitted", (RESOURCES, '{"aws:SourceAccount": names.account}', '{"aws:SourceAccount": "*"}')),
    ("bucket.versioned", (ZONE, '"status": "Enabled"', '"status": "Suspended"')),
    ("bucket.tidied", (LIFECYCLE, '"noncurrent_version_expiration": {"noncurrent_days": days},', "")),
    ("bucket.tidied", (LIFECYCLE, '"filter": {"prefix": ""}', '"filter": {"prefix": "parquet/"}')),
    ("bucket.tables-stay", (PAGE, "lifecycle.processed_rules(options)", "lifecycle.access_log_rules(options)")),
    ("bucket.code-stays", (LIFECYCLE, '"temp/", TEMP_DAYS', '"", TEMP_DAYS')),
    ("bucket.code-stays", (LIFECYCLE, '"temp/", TEMP_DAYS', '"code/old/", TEMP_DAYS')),
    ("bucket.leftovers-go", (LIFECYCLE, ', expire_rule("temp", "temp/", TEMP_DAYS)', "")),
    ("bucket.leftovers-go", (LIFECYCLE, ', expire_rule("all", "", retention.access_log_days)', "")),
    ("bucket.read-at-once", (LIFECYCLE, '"storage_class": retention.raw_tier', '"storage_class": "DEEP_ARCHIVE"')),
    ("bucket.protected", (ZONE, "protect=args.protect, retain_on_delete=args.protect", "protect=True")),
    ("bucket.protected", (ZONE, "force_destroy=not args.protect", "force_destroy=False")),
    ("component.unprotected", (CODE, "retain_on_delete=True", "retain_on_delete=True, protect=True")),
    ("code.kept", (CODE, "retain_on_delete=True, ", "")),
    ("code.kept", (CODE, "key.format(content_hash(text.encode()))", 'key.format("latest")')),
    ("code.kept", (CODE, 'f"code/etl-{self.package_hash}.zip", source', '"code/etl-0123456789abcdef.zip", source')),
    ("job.pinned", (JOB, 'GLUE_VERSION = "6.0"', 'GLUE_VERSION = "4.0"')),
    ("job.pinned", (JOB, "glue_version=GLUE_VERSION,", "")),
    ("job.bounded", (JOB, "timeout=dataset.timeout,", "")),
    ("job.bounded", (JOB, "max_retries=0", "max_retries=3")),
    ("job.bounded", (JOB, '{"max_concurrent_runs": 1}', '{"max_concurrent_runs": 2}')),
    ("job.bounded", (JOB, "dataset.notify_after", "dataset.timeout")),
    ("job.bounded", (MAINTENANCE, '{"max_concurrent_runs": 1}', '{"max_concurrent_runs": 2}')),
    ("job.offline", (JOB, '"--python-modules-installer-option": "--no-index",', "")),
    ("job.offline", (JOB, 'python-modules": lake.code.wheels', 'python-modules": "great_expectations"')),
    ("job.observed", (JOB, '"--enable-observability-metrics": "true",', "")),
    ("account.untouched", (PAGE, LAST, 'aws.s3.AccountPublicAccessBlock("account")\n' + LAST)),
    ("role.trust", (ACCESS, '"glue.amazonaws.com"', '"lambda.amazonaws.com"')),
    ("role.trust", (ACCESS, '"Condition": {"StringEquals": {"aws:SourceAccount": names.account}},', "")),
    (
        "role.own-policy",
        (ROLE, 'description=f"Taken by {args.taker} only",', 'managed_policy_arns=["arn:aws:iam::aws:policy/A"],'),
    ),
    ("role.own-policy", (PAGE, LAST, 'aws.iam.RolePolicyAttachment("all", role="r", policy_arn="p")\n' + LAST)),
    ("role.statements", (ACCESS, '"ReadOwnRaw", "s3:GetObject s3', '"ListOwnRaw", "s3:GetObject s3')),
    ("role.statements", (ACCESS, '"Effect": "Allow", "Action": actions', '"Effect": "Deny", "Action": actions')),
    ("role.actions", (ACCESS, '"glue:GetDatabase glue:GetTable glue:CreateTable glue:UpdateTable"', '"glue:*"')),
    (
        "role.resources",
        (ACCESS, '"ReadCodeAndContracts", "s3:GetObject", code', '"ReadCodeAndContracts", "s3:GetObject", "*"'),
    ),
    ("role.resources", (ACCESS, '["Sluice", "Glue"]', '["*"]')),
    ("condition.sourced", (ACCESS, '"s3:ListBucket s3:ListBucketVersions"', '"s3:ListBucket s3:GetObject"')),
    ("condition.sourced", (ACCESS, '{"StringEquals": {"aws:SourceAccount"', '{"StringEquals": {"aws:SourceOrgID"')),
    ("condition.sourced", (ACCESS, 'namespaces = {"cloudwatch:namespace"', 'namespaces = {"cloudwatch:namespaces"')),
    (
        "role.forgets",
        (ACCESS, "s3:GetObject s3:DeleteObject {MULTIPART", "s3:GetObject s3:DeleteObjectVersion {MULTIPART"),
    ),
    ("role.forgets", (FORGET_ACCESS, "s3:GetObjectVersion s3:DeleteObjectVersion", "s3:GetObjectVersion")),
    ("role.length", (ACCESS, '"s3:GetObject", code)', '"s3:GetObject", code * 99)')),
    ("name.explicit", (ROLE, "name=args.name,", 'name="glue",')),
    ("name.replaceable", (ROLE, "parent=parent, delete_before_replace=True", "parent=parent")),
    (
        "name.replaceable",
        (ZONE, "retain_on_delete=args.protect)", "retain_on_delete=args.protect, delete_before_replace=True)"),
    ),
    (
        "provider.default",
        (
            PAGE,
            LAST,
            'aws.sns.Topic("x", name="sluice-dev-x", opts=pulumi.ResourceOptions('
            'delete_before_replace=True, provider=aws.Provider("mine")))\n' + LAST,
        ),
    ),
    ("key.rotates", (KEY, "enable_key_rotation=True,", "")),
    ("key.kept", (KEY, "protect=protect, retain_on_delete=protect", "protect=True")),
    ("key.kept", (KEY, "deletion_window_in_days=30,", "deletion_window_in_days=7,")),
    ("key.publishers", (RESOURCES, '"kms:Decrypt kms:GenerateDataKey*", "*"', '"kms:Decrypt", "*"')),
    ("key.publishers", (RESOURCES, OF_ALARMS, "actions, resource)")),
    ("key.publishers", (RESOURCES, '"cloudwatch.amazonaws.com"', '"events.amazonaws.com"')),
    ("key.closed", (RESOURCES, 'allow("LogsEncrypt", use, "*", ArnLike=groups)', 'allow("LogsEncrypt", use, "*")')),
    ("topic.encrypted", (TOPIC, "kms_master_key_id=key_arn", 'kms_master_key_id="alias/aws/sns"')),
    ("topic.encrypted", (TOPIC, "kms_master_key_id=key_arn,", "")),
    ("topic.publishers", (TOPIC, "resource_policies.messages_topic_policy", "resource_policies.alarms_topic_policy")),
    ("topic.publishers", (RESOURCES, OF_ALARMS, "actions, resource)")),
    ("topic.publishers", (RESOURCES, '"cloudwatch.amazonaws.com"', '"events.amazonaws.com"')),
    ("topic.severities", ("components/access/message_policies.py", "{ALARMS}-{severity}", "{severity}-{ALARMS}")),
    ("rule.failures", (WATCH, '["FAILED", "TIMEOUT", "STOPPED"]', '["FAILED"]')),
    ("rule.failures", (WATCH, '{"prefix": names.resource_name("")}', '{"prefix": names.resource_name("trades")}')),
    ("rule.failures", (WATCH, "run_pattern(RUN_STATUS, prefix)", "run_pattern(RUN_STATUS, [])")),
    ("rule.failures", (ALARMS, 'self.watch.hear(f"{self.name}-succeeded-target", succeeded, self)', "")),
    ("rule.failures", (WATCH, "role_arn=self.starter,", "")),
    ("rule.failures", (WATCH, "arn=self.machine,", "arn=self.lake.topic,")),
    ("rule.alarms", (WATCH, '"*-stale"', '"*-old"')),
    ("rule.alarms", (WATCH, '["ALARM"]', '["OK"]')),
    ("target.dead-letter", (SCHEDULE, '"dead_letter_config": {"arn": self.lake.undelivered},', "")),
    ("target.dead-letter", (WATCH, DEAD_LETTER, "")),
    ("target.dead-letter", (WATCH, DEAD_LETTER, 'dead_letter_config={"arn": self.lake.topic},')),
    ("queue.encrypted", (QUEUE, "sqs_managed_sse_enabled=True", "sqs_managed_sse_enabled=False")),
    ("queue.kept", (QUEUE, "14 * 86400", "4 * 86400")),
    ("queue.no-source", (QUEUE, "denyAll", "allowAll")),
    ("queue.senders", (FLOW_ACCESS, "names.resource_name('*')", "'*'")),
    (
        "flow.structure",
        (STATES, '"Catch": [{"ErrorEquals": ["States.ALL"], "Output": caught, "Next": failed_state}],', ""),
    ),
    ("flow.runs-all", (STATES, '"{% $states.input.job %}"', '"another"')),
    ("flow.runs-all", (STATES, '"job": step.job', '"job": "another"')),
    ("flow.started", (SCHEDULE, "with_dependents(stack.datasets, running)", "running[:1]")),
    ("flow.retries", (STATES, '["Glue.ThrottlingException", "Glue', '["States.TaskFailed", "Glue')),
    ("flow.told", (MESSAGES, 'integration_arn("sns:publish")', 'integration_arn("sqs:sendMessage")')),
    ("flow.told", (STATES, '"Next": next_state,', '"End": True,')),
    ("flow.told", (WATCH, '["FAILED", "TIMED_OUT", "ABORTED"]', '["FAILED"]')),
    (
        "flow.told",
        ("components/orchestration/tellers.py", '"messages": dict(lake.messages)', '"messages": dict(lake.alarms)'),
    ),
    ("machine.length", (WATCH_STATES, '"Tells what nobody else told"', '"x" * 1000001')),
    ("role.trust", ("components/access/flow_policies.py", 'StringEquals={"aws:SourceAccount": names.account}', "")),
    (
        "logs.own",
        ("components/names.py", '"/aws-glue/{self.resource_name()}"', '"/aws-glue/jobs/{self.resource_name()}"'),
    ),
    ("logs.own", ("components/alerting/logs.py", "retention_in_days=days,", "")),
    ("logs.own", (JOB, "max_retries=0,", 'max_retries=0, security_configuration="theirs",')),
    ("logs.own", (JOB, '"--custom-logGroup-prefix": lake.names.log_group_prefix,', "")),
]
BY_CONFIGURATION = {"bucket.guards-protected", "role.bounded", "topic.heard", "provider.tags", "queue.told"}
BY_INPUTS = {
    *("athena.enforced", "athena.results", "redshift.closed", "redshift.bounded", "redshift.secret"),
    *("chat.guardrail", "channel.secret", "endpoint.tried", "mute.ends", "email.filter"),
}
"""Each has its broken graphs in tests/program/test_athena.py, test_redshift.py or test_channels.py."""


def test_every_stack_holds_to_every_policy(graph: Graph) -> None:
    assert broken_policies(graph) == {}


def test_the_program_that_is_changed_holds_to_every_policy(mutant) -> None:
    assert broken_policies(mutant(datasets=FEW_DATASETS)) == {}


FIRST = dict(reversed(MUTANTS))
"""Each rule's first change of the program."""
ALSO_BREAKS = {
    "alarm.names-something": {"alarm.dead-man"},
    "alarm.window": {"alarm.dead-man"},
    "bucket.logs-admitted": {"condition.sourced"},
    "name.explicit": {"role.own-policy"},
    "provider.default": {"topic.encrypted"},
    "role.trust": {"condition.sourced"},
    "key.publishers": {"key.closed", "topic.publishers"},
}
"""What a rule's first change breaks beside its rule: it stands in no batch with those."""
BATCHES = 4


def batched_rules() -> list[list[str]]:
    """Spread the rules over programs that are changed for many at once: no rule of a batch is broken by another's change."""
    batches: list[list[str]] = [[] for _ in range(BATCHES)]
    for rule in sorted(FIRST, key=lambda rule: (rule not in ALSO_BREAKS, rule)):
        others = ALSO_BREAKS.get(rule, set())
        fitting = [batch for batch in batches if not others & {*batch} and not is_broken_within(rule, batch)]
        min(fitting, key=len).append(rule)
    return batches


def is_broken_within(rule: str, batch: list[str]) -> bool:
    """Say whether another rule's change in the batch breaks this rule, or changes the same text."""
    texts = [text for other in batch for text in FIRST[other][:2]]
    return any(rule in ALSO_BREAKS.get(other, ()) for other in batch) or FIRST[rule][1] in texts


@pytest.mark.parametrize("batch", batched_rules(), ids=lambda batch: batch[0])
def test_a_program_that_breaks_many_policies_is_noticed_by_each(mutant, batch: list[str]) -> None:
    broken = broken_policies(mutant(*(FIRST[rule] for rule in batch), datasets=FEW_DATASETS))
    assert {*batch} - {*broken} == set()


@pytest.mark.long
@pytest.mark.parametrize(
    ("rule", "change"), [pytest.param(rule, change, id=f"{rule}-{at}") for at, (rule, change) in enumerate(MUTANTS)]
)
def test_a_program_that_breaks_a_policy_is_noticed(mutant, rule: str, change: tuple[str, str, str]) -> None:
    broken = broken_policies(mutant(change, datasets=FEW_DATASETS))
    assert rule in broken
    if FIRST[rule] == change:
        assert {*broken} == {rule} | ALSO_BREAKS.get(rule, set())


OF_ACCOUNT = {"aws:SourceAccount": ACCOUNT}
A_RULE = {"ArnLike": {"AWS:sourcearn": [f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/sluice-dev-*"]}}
BOTH = {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]}
DOCUMENTS: list[tuple[str, str, str, str, Any]] = [
    # too tight, and silent on AWS
    ("key.publishers", "key-key", "AlarmsPublish", "Action", ["kms:GenerateDataKey*"]),
    ("key.publishers", "key-key", "AlarmsPublish", "Effect", "Deny"),
    ("key.publishers", "key-key", "AlarmsPublish", "Condition", A_RULE),
    ("topic.publishers", "alarms-policy", "AlarmsPublish", "Effect", "Deny"),
    ("queue.senders", "undelivered-policy", "RulesSend", "Condition", {"ArnLike": {"aws:SourceArn": []}}),
    # too open
    ("key.publishers", "key-key", "AlarmsPublish", "Condition", GONE),
    ("key.publishers", "key-key", "AlarmsPublish", "Principal", BOTH),
    ("key.closed", "key-key", "AlarmsPublish", "Condition", GONE),
    ("key.closed", "key-key", "AccountGoverns", "Principal", {"AWS": "*"}),
    ("key.closed", "key-key", "AccountGoverns", "Principal", {"AWS": "arn:aws:iam::210987654321:root"}),
    ("key.closed", "key-key", "AlarmsPublish", "Principal", {"Service": "cloudwatch.amazonaws.com", "AWS": "*"}),
    ("key.publishers", "key-key", "AlarmsPublish", "Condition", {"StringEquals": {"aws:SourceAccount": "*"}}),
    ("key.publishers", "key-key", "LogsEncrypt", "Principal", {"Service": "cloudwatch.amazonaws.com"}),
    ("topic.publishers", "alarms-policy", "AlarmsPublish", "Principal", "*"),
    ("topic.publishers", "alarms-policy", "AlarmsPublish", "Principal", BOTH),
    ("topic.publishers", "alarms-warning-policy", "AlarmsPublish", "Condition", GONE),
    ("topic.publishers", "messages-critical-policy", "RefuseWithoutTls", "Condition", GONE),
    ("topic.publishers", "messages-critical-policy", "RefuseWithoutTls", "Effect", "Allow"),
    ("queue.senders", "undelivered-policy", "RulesSend", "Condition", GONE),
    ("queue.senders", "undelivered-policy", "RulesSend", "Condition", {"ArnLike": {"aws:SourceArn": ["*"]}}),
    ("queue.senders", "undelivered-policy", "RulesSend", "Condition", {"StringEquals": OF_ACCOUNT}),
    ("queue.senders", "undelivered-policy", "RefuseWithoutTls", "Condition", GONE),
    (
        "queue.senders",
        "undelivered-policy",
        "RulesSend",
        "Resource",
        "arn:aws:sqs:eu-west-1:123456789012:sluice-dev-arrivals",
    ),
]
"""A statement of a document by its Sid, with one element changed, and the policy that has to notice."""


@pytest.mark.parametrize(("rule", "name", "sid", "element", "to"), DOCUMENTS)
def test_a_document_that_is_too_open_or_too_tight_is_noticed(
    graphs: dict[str, Graph], rule: str, name: str, sid: str, element: str, to: Any
) -> None:
    (node,) = [candidate for candidate in graphs["dev"].nodes.values() if candidate.name == name]
    document = json.loads(node.inputs["policy"])
    (index,) = [index for index, policy_statement in enumerate(document["Statement"]) if policy_statement["Sid"] == sid]
    statement = {key: value for key, value in document["Statement"][index].items() if key != element}
    document["Statement"][index] = statement if to is GONE else statement | {element: to}
    wrong = altered_graph(graphs["dev"], name, "policy", to=json.dumps(document))
    (tested_policy,) = [policy for policy in POLICIES if policy.id == rule]
    assert list(tested_policy.find_faults(graphs["dev"])) == []
    assert list(tested_policy.find_faults(wrong))


def test_every_policy_has_a_mutant() -> None:
    ids = [policy.id for policy in POLICIES]
    assert len(ids) == len(set(ids))
    assert set(ids) == {rule for rule, _ in MUTANTS} | BY_CONFIGURATION | BY_INPUTS


def test_every_policy_says_what_it_demands_and_why() -> None:
    assert all(policy.requirement and policy.source for policy in POLICIES)


def altered_nodes(graph: Graph, kind: str, **changed: Any) -> Graph:
    """The graph with the options of all resources of one type changed."""
    nodes = {node.urn: replace(node, **changed) for node in graph.nodes_of_type(kind)}
    return replace(graph, nodes=graph.nodes | nodes)


def rule_faults(rule: str, graph: Graph) -> list[str]:
    (policy,) = [policy for policy in POLICIES if policy.id == rule]
    return list(policy.find_faults(graph))


@pytest.mark.parametrize("boundary", ["", "arn:aws:iam::aws:policy/A"])
def test_a_role_without_the_boundary_that_the_stack_names_is_missed(graphs: dict[str, Graph], boundary: str) -> None:
    own_boundary = f"arn:aws:iam::{ACCOUNT}:policy/sluice-dev-boundary"
    config = graphs["dev"].config | {"sluice:boundary": own_boundary}
    bounded = {
        role.urn: replace(role, inputs=role.inputs | {"permissionsBoundary": own_boundary})
        for role in graphs["dev"].nodes_of_type(ROLE_TYPE)
    }
    stack = replace(graphs["dev"], config=config, nodes=graphs["dev"].nodes | bounded)
    assert rule_faults("role.bounded", stack) == []
    for role in bounded.values():
        assert rule_faults("role.bounded", altered_graph(stack, role.name, "permissionsBoundary", to=boundary or GONE))


@pytest.mark.parametrize("kind", GUARDS)
def test_what_guards_data_without_protection_is_missed(graphs: dict[str, Graph], kind: str) -> None:
    unprotected = altered_nodes(graphs["prod"], f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}", protect=False)
    assert rule_faults("bucket.guards-protected", graphs["prod"]) == []
    assert rule_faults("bucket.guards-protected", unprotected)


def test_the_mail_of_a_protected_stack_is_missed(graphs: dict[str, Graph]) -> None:
    mails = {mail.urn for mail in graphs["prod"].nodes_of_type("aws:sns/topicSubscription:TopicSubscription")}
    silent = {urn: node for urn, node in graphs["prod"].nodes.items() if urn not in mails}
    assert rule_faults("topic.heard", graphs["prod"]) == []
    assert rule_faults("topic.heard", replace(graphs["prod"], nodes=silent))


@pytest.mark.parametrize("option", ["protect", "retain"])
def test_protection_that_a_protected_stack_lacks_is_missed(graphs: dict[str, Graph], option: str) -> None:
    assert rule_faults("bucket.protected", graphs["prod"]) == []
    assert rule_faults("bucket.protected", altered_nodes(graphs["prod"], BUCKET, **{option: False}))


@pytest.mark.parametrize(
    ("zone", "algorithm"),
    [("assets", "AES256"), ("raw", "AES256"), ("processed", "AES256"), ("logs", "aws:kms")],
)
def test_a_bucket_without_the_customer_key_is_missed_and_access_logs_under_it(
    graphs: dict[str, Graph], zone: str, algorithm: str
) -> None:
    path = "rules", 0, "applyServerSideEncryptionByDefault", "sseAlgorithm"
    assert rule_faults("bucket.encrypted", graphs["prod"]) == []
    assert rule_faults("bucket.encrypted", altered_graph(graphs["prod"], f"{zone}-encryption", *path, to=algorithm))


@pytest.mark.parametrize(
    "tags",
    [
        "{}",
        '{"tags": {"project": "sluice"}}',
        '{"tags": {"project": "sluice", "stack": "prod"}}',
        '{"tags": {"stack": "dev"}}',
        '{"tags": {"project": "sluice", "Stack": "dev"}}',
        "no JSON",
    ],
)
def test_a_stack_without_its_own_tags_is_missed(tags: str, graphs: dict[str, Graph]) -> None:
    bare = Graph("dev", {**graphs["dev"].config, "aws:defaultTags": tags}, graphs["dev"].nodes, graphs["dev"].outputs)
    assert "provider.tags" in broken_policies(bare)


def test_a_resource_that_takes_another_stacks_tag_is_missed(graphs: dict[str, Graph]) -> None:
    (alarm, *_) = [node for node in graphs["dev"].nodes_of_type(ALARM) if node.inputs.get("tags")]
    taken = replace(alarm, inputs=alarm.inputs | {"tags": {**alarm.inputs["tags"], "stack": "prod"}})
    assert rule_faults("provider.tags", graphs["dev"]) == []
    assert rule_faults("provider.tags", replace(graphs["dev"], nodes=graphs["dev"].nodes | {alarm.urn: taken}))
