"""Who takes a role: jobs of GitHub, by what their token claims."""

from components.access import Document, document

ISSUER = "token.actions.githubusercontent.com"


def trust(repository: str, account: str, environment: str) -> Document:
    """Only jobs of one repository in one environment: the environment's reviewers decide who deploys."""
    claims = {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": f"repo:{repository}:environment:{environment}"}
    trusted = {
        "Sid": "JobsOfOneEnvironment",
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{account}:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": claims},
    }
    return document(trusted)
