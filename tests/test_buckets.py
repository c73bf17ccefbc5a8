"""The template's buckets and what stands around them: private, encrypted, tidied, and never feeding themselves."""

import json
from typing import Any

import pytest

from local.translate import translate

RESOURCES: dict[str, Any] = translate()["Resources"]
BUCKETS = [name for name, each in RESOURCES.items() if each["Type"] == "AWS::S3::Bucket"]


def properties(name: str) -> dict[str, Any]:
    return RESOURCES[name]["Properties"]


def policy_of(bucket: str) -> list[dict[str, Any]]:
    policies = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::S3::BucketPolicy"]
    (policy,) = [each for each in policies if each["Bucket"] == {"Ref": bucket}]
    return policy["PolicyDocument"]["Statement"]


@pytest.mark.parametrize("name", BUCKETS)
def test_IN09_private_encrypted_versioned_and_tidied(name):
    bucket = properties(name)
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert {rule["Status"] for rule in rules} == {"Enabled"}
    assert any("NoncurrentVersionExpiration" in rule for rule in rules)
    assert (RESOURCES[name]["DeletionPolicy"], RESOURCES[name]["UpdateReplacePolicy"]) == ("Retain", "Retain")
    (denial,) = [statement for statement in policy_of(name) if statement["Effect"] == "Deny"]
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert (denial["Principal"], denial["Action"]) == ("*", "s3:*")
    assert [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}] == denial["Resource"]


def test_people_see_pictures_through_cloudfront_only():
    (allowance,) = [statement for statement in policy_of("MediaBucket") if statement["Effect"] == "Allow"]
    assert (allowance["Principal"], allowance["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert "MediaDistribution" in json.dumps(allowance["Condition"]["StringEquals"])
    distribution = properties("MediaDistribution")["DistributionConfig"]
    (origin,) = distribution["Origins"]
    assert origin["DomainName"] == {"Fn::GetAtt": ["MediaBucket", "RegionalDomainName"]}
    assert origin["OriginAccessControlId"] == {"Fn::GetAtt": ["MediaAccess", "Id"]}
    assert distribution["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert [statement["Effect"] for statement in policy_of("UploadsBucket")] == ["Deny"]


def test_IN10_what_is_made_is_not_made_again():
    notifications = {
        name: [each["Function"]["Fn::GetAtt"][0] for each in configuration["LambdaConfigurations"]]
        for name in BUCKETS
        if (configuration := properties(name).get("NotificationConfiguration"))
    }
    assert notifications == {"UploadsBucket": ["ProcessImagesFunction"]}
    written = [arn for arn, actions in statements("ProcessImagesFunction") if "s3:PutObject" in actions]
    assert [("-media-" in arn, arn.endswith("/images/*")) for arn in written] == [(True, True)]


def statements(function: str) -> list[tuple[str, list[str]]]:
    role = properties(properties(function)["Role"]["Fn::GetAtt"][0])
    return [
        (resource["Fn::Sub"], statement["Action"])
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for resource in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
        if "Fn::Sub" in resource
    ]


def test_names_are_computed_alike_wherever_they_stand():
    variables = properties("ApiFunction")["Environment"]["Variables"]
    for bucket, variable in (("UploadsBucket", "UPLOADS_BUCKET"), ("MediaBucket", "MEDIA_BUCKET")):
        name = properties(bucket)["BucketName"]["Fn::Sub"]
        assert variables[variable] == {"Fn::Sub": name}
        arns = [arn for arn, _ in statements("ProcessImagesFunction") if name in arn]
        assert arns
        assert {arn.removeprefix(f"arn:${{AWS::Partition}}:s3:::{name}") for arn in arns} <= {
            "",
            "/uploads/*",
            "/images/*",
        }


def test_any_page_may_send_what_a_form_allows():
    (rule,) = properties("UploadsBucket")["CorsConfiguration"]["CorsRules"]
    assert (rule["AllowedOrigins"], rule["AllowedMethods"]) == (["*"], ["POST"])
    assert "CorsConfiguration" not in properties("MediaBucket")


def test_IN06_IN29_what_fails_is_kept_and_floods_are_dammed():
    (config,) = [
        each["Properties"]
        for each in RESOURCES.values()
        if each["Type"] == "AWS::Lambda::EventInvokeConfig"
        and each["Properties"]["FunctionName"] == {"Ref": "ProcessImagesFunction"}
    ]
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (2, 21_600)
    target = config["DestinationConfig"]["OnFailure"]["Destination"]
    assert target == {"Fn::GetAtt": ["ProcessImagesDeadLetterQueue", "Arn"]}
    function = properties("ProcessImagesFunction")
    assert function["ReservedConcurrentExecutions"] == 5
    assert function["MemorySize"] >= 1024 + 512
    assert function["Timeout"] >= 30
