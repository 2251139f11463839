"""What actions lead to, by the sources that describe them.

Sources: Service Authorization Reference of each service; Rhino Security Labs, AWS IAM privilege escalation methods;
AWS Glue developer guide, Job parameters (a run's arguments override the job's script and modules).
"""

from dataclasses import dataclass

from sluice.program.iam import matches_pattern

UPDATE_TRUST, PASS_ROLE = "iam:UpdateAssumeRolePolicy", "iam:PassRole"
WIDENING_ACTIONS = ("iam:PutRolePolicy", "iam:AttachRolePolicy")
"""Give a role more, as far as its boundary goes."""
CREATE_ROLE, BIND_BOUNDARY, UNBIND_BOUNDARY = (
    "iam:CreateRole",
    "iam:PutRolePermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary",
)
WRITE_POLICY = (
    *("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion"),
    *("iam:CreatePolicy", "iam:DeletePolicy"),
)
RUN_ACTIONS = {
    "glue.amazonaws.com": ("glue:CreateJob", "glue:UpdateJob", "glue:CreateSession", "glue:CreateDevEndpoint"),
    "states.amazonaws.com": ("states:CreateStateMachine", "states:UpdateStateMachine"),
    "scheduler.amazonaws.com": ("scheduler:CreateSchedule", "scheduler:UpdateSchedule"),
    "redshift.amazonaws.com": ("redshift-serverless:CreateNamespace", "redshift-serverless:UpdateNamespace"),
    "redshift-serverless.amazonaws.com": ("redshift-serverless:CreateNamespace", "redshift-serverless:UpdateNamespace"),
    "lambda.amazonaws.com": ("lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"),
    "ec2.amazonaws.com": ("ec2:RunInstances", "ec2:AssociateIamInstanceProfile"),
    "ecs-tasks.amazonaws.com": ("ecs:RunTask", "ecs:RegisterTaskDefinition"),
    "cloudformation.amazonaws.com": ("cloudformation:CreateStack", "cloudformation:UpdateStack"),
    "codebuild.amazonaws.com": ("codebuild:CreateProject", "codebuild:UpdateProject"),
    "sagemaker.amazonaws.com": ("sagemaker:CreateNotebookInstance", "sagemaker:CreateTrainingJob"),
    "events.amazonaws.com": ("events:PutTargets",),
}
"""By the service that a role is passed to: what lets that service run something of the caller's as the role."""
STEERING_ACTIONS = {
    "glue:UpdateJob": "changes what the job runs",
    "glue:StartJobRun": "starts the job with a script and modules of its choice",
    "states:UpdateStateMachine": "changes what the machine calls",
    "scheduler:UpdateSchedule": "changes what the schedule calls",
    "redshift-data:ExecuteStatement": "runs statements that read and unload as the warehouse's role",
}
"""By what runs as a role: an action on it that makes it run something of the caller's."""
WRITE_OBJECT = ("s3:PutObject", "s3:ReplicateObject", "s3:RestoreObject")
POLICY_CHANGES = {
    "s3:PutBucketPolicy": ("s3:*", ("", "/*")),
    "s3:PutBucketAcl": ("s3:*", ("", "/*")),
    "kms:PutKeyPolicy": ("kms:*", ("",)),
    "kms:CreateGrant": ("kms:*", ("",)),
    "sns:SetTopicAttributes": ("sns:*", ("",)),
    "sns:AddPermission": ("sns:*", ("",)),
    "sqs:SetQueueAttributes": ("sqs:*", ("",)),
    "sqs:AddPermission": ("sqs:*", ("",)),
    "secretsmanager:PutResourcePolicy": ("secretsmanager:*", ("",)),
}
"""What changes a resource's own policy, what that grants, and on what; no boundary limits it."""


@dataclass(frozen=True)
class ChosenKey:
    """A key whose value an action's caller chooses, on which it depends what the action reaches."""

    key: str
    is_multivalued: bool = False


CHOSEN_KEYS = {
    CREATE_ROLE: ChosenKey("iam:PermissionsBoundary"),
    BIND_BOUNDARY: ChosenKey("iam:PermissionsBoundary"),
    **dict.fromkeys(WIDENING_ACTIONS, ChosenKey("iam:PermissionsBoundary")),
    PASS_ROLE: ChosenKey("iam:PassedToService"),
    "events:PutTargets": ChosenKey("events:TargetArn", is_multivalued=True),
    "cloudwatch:PutMetricAlarm": ChosenKey("cloudwatch:AlarmActions", is_multivalued=True),
    "cloudwatch:PutMetricData": ChosenKey("cloudwatch:namespace"),
    "events:PutEvents": ChosenKey("events:source"),
    "s3:ListBucket": ChosenKey("s3:prefix"),
    "kms:CreateKey": ChosenKey("aws:RequestTag/stack"),
    **dict.fromkeys(("kms:TagResource", "redshift-serverless:TagResource"), ChosenKey("aws:RequestTag/stack")),
}
"""The keys that are tried with another's value even where no document asks for them."""
DESCRIBING_ACTIONS = (
    *(
        "cloudwatch:DescribeAlarms",
        "logs:DescribeLogGroups",
        "kms:ListAliases",
        "states:ValidateStateMachineDefinition",
    ),
    *("chatbot:DescribeSlackChannelConfigurations", "chatbot:ListMicrosoftTeamsChannelConfigurations"),
    *("cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics"),
    *("redshift-data:DescribeStatement", "tag:GetResources", "secretsmanager:GetRandomPassword"),
    *(f"ec2:Describe{suffix}" for suffix in ("Vpcs", "Subnets", "SecurityGroups", "AvailabilityZones")),
    *("ec2:DescribeAccountAttributes", "ec2:DescribeVpcAttribute"),
)
"""Take no resource and describe the account (Service Authorization Reference of each service)."""
IAM_KINDS = {"Role": "role/", "Group": "group/", "User": "user/", "Policy": "policy/", "OpenID": "oidc-provider/"}
"""By a word in the name of an action of IAM, the first that fits: the kind of resource that it is on."""
ALIAS_ACTIONS = ("kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias")
"""Of AWS KMS's actions those that an alias is a resource of (the same)."""
WITHOUT_RESOURCE = {
    *DESCRIBING_ACTIONS,
    *("cloudwatch:PutMetricData", "kms:CreateKey"),
    *("chatbot:CreateSlackChannelConfiguration", "chatbot:CreateMicrosoftTeamsChannelConfiguration"),
    *(f"redshift-serverless:{verb}UsageLimit" for verb in ("Create", "Get", "Update", "Delete")),
}
"""Take no resource: AWS checks them on `*` only (the same)."""
KNOWN_ACTIONS = tuple(
    sorted(
        {
            *(
                UPDATE_TRUST,
                PASS_ROLE,
                *WIDENING_ACTIONS,
                CREATE_ROLE,
                BIND_BOUNDARY,
                UNBIND_BOUNDARY,
                *WRITE_POLICY,
                *STEERING_ACTIONS,
                *POLICY_CHANGES,
            ),
            *(action for runners in RUN_ACTIONS.values() for action in runners),
            *("iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:TagRole"),
            *("iam:DeleteRole", "iam:GetRole", "iam:CreateServiceLinkedRole", "iam:DeleteRolePolicy"),
            *("iam:DetachRolePolicy", "iam:AddUserToGroup", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"),
            *("iam:UpdateOpenIDConnectProviderThumbprint", "iam:CreateOpenIDConnectProvider"),
            *("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"),
            *("s3:ListBucket", "s3:DeleteBucketPolicy", "s3:PutBucketNotification", "s3:PutReplicationConfiguration"),
            *("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:TagResource", "kms:ScheduleKeyDeletion"),
            *("kms:CreateKey", "kms:CreateAlias", "kms:UpdateAlias", "kms:ListAliases", "kms:DescribeKey"),
            *("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "sts:AssumeRole"),
            *("glue:GetTable", "glue:UpdateTable", "glue:DeleteTable", "glue:DeleteJob", "glue:PutResourcePolicy"),
            *("glue:UpdateCrawler", "glue:TagResource", "glue:PutDataCatalogEncryptionSettings"),
            *("states:StartExecution", "states:DeleteStateMachine", "sns:Publish", "sns:Subscribe"),
            *("sqs:SendMessage", "sqs:ReceiveMessage", "events:PutRule", "events:PutPermission"),
            *("logs:PutLogEvents", "logs:PutResourcePolicy", "cloudwatch:PutMetricData", "lambda:InvokeFunction"),
            *("lambda:UpdateFunctionCode", "athena:StartQueryExecution", "athena:UpdateWorkGroup"),
            *("redshift-serverless:UpdateWorkgroup", "redshift-serverless:GetCredentials"),
            *("redshift-serverless:TagResource", "redshift-serverless:DeleteNamespace", "ec2:DescribeVpcs"),
        }
    )
)
"""The actions that a pattern such as `iam:*` is tried with."""
READ_PREFIXES = ("Get*", "List*", "Describe*", "BatchGet*", "Decrypt", "GenerateDataKey*", "Validate*")
"""How the names of actions begin that change nothing; to use a key is no change of it."""


def is_read_only(action: str) -> bool:
    """Whether an action changes nothing."""
    return any(matches_pattern(pattern, action.partition(":")[2]) for pattern in READ_PREFIXES)
