"""An error that says no more than denied names the action and the resource, by the ARN that the region's documents have."""

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from etl.storage.permission_errors import explain_denials


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_a_denied_call_names_the_object_in_its_own_partition(region: str, partition: str) -> None:
    client = explain_denials(boto3.client("s3", region_name=region, aws_access_key_id="x", aws_secret_access_key="x"))
    with Stubber(client) as stub:
        stub.add_client_error("get_object", "AccessDenied", "Access Denied")
        with pytest.raises(ClientError) as refused:
            client.get_object(Bucket="b", Key="k")
    assert f"Access Denied (needs s3:GetObject on arn:{partition}:s3:::b/k)" in str(refused.value)
