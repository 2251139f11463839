"""The stack's state and the key of its secrets: below a prefix of its own in a bucket that all stacks share.

Pulumi keeps everything of a backend `s3://<bucket>/<stack>` below `<stack>/.pulumi/` and lists only there: `meta.yaml`,
`stacks`, `locks`, `history`, `backups` (pulumi/pulumi, `pkg/backend/diy`: `meta.go`, `store.go`, `lock.go`, `bucket.go`).
Only AWS can show that a file which is not there is answered "not there" and not "denied" under the condition on the prefix.
Terraform's page on its S3 backend grants the same, and Terraform looks for missing files too.
"""

from components.access.policy_documents import Statement, allow
from sluice.program.deployer.target import DeployTarget


def read_statements(target: DeployTarget) -> list[Statement]:
    """Find and read it, and open its secrets: Pulumi needs the key for every preview."""
    folder = {"s3:prefix": [f"{target.names.stack}/.pulumi/*"]}
    return [
        allow("FindState", "s3:ListBucket", target.names.s3_arn(target.state_bucket), StringLike=folder),
        allow("ReadState", "s3:GetObject", state_objects(target)),
        allow("ReadSecrets", "kms:Decrypt", target.state_key),
    ]


def write_statements(target: DeployTarget) -> list[Statement]:
    """Return what writes the stack's state, and encrypts its secrets."""
    return [
        allow("WriteState", "s3:PutObject s3:AbortMultipartUpload s3:DeleteObject", state_objects(target)),
        allow("WriteSecrets", "kms:Encrypt", target.state_key),
    ]


def state_objects(target: DeployTarget) -> str:
    """Return the ARN pattern of the stack's state in the state bucket."""
    return target.names.s3_arn(f"{target.state_bucket}/{target.names.stack}/.pulumi/*")
