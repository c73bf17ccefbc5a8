"""The template's references, resolved; and each mistake named with its place."""

import pytest

from local import environment, functions, resources
from local.event_sources import EventSources
from local.laptop import Laptop
from local.template import Template, TemplateError
from tests.local.conftest import make_template

QUEUE = "Jobs: {Type: 'AWS::SQS::Queue'}\n"


def probe(expression: str, before: str = "", **parameters: str) -> object:
    """What the property P of a resource resolves to."""
    text = f"{QUEUE}Table: {{Type: 'AWS::DynamoDB::Table'}}\nBucket: {{Type: 'AWS::S3::Bucket'}}\n"
    text += f"Thing:\n  Type: AWS::Any::Thing\n  Properties:\n    P: {expression}\n    Q: 1\n"
    return make_template(text, before, parameters).resources["Thing"].properties.get("P")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("plain", "plain"),
        ("!Ref AWS::Region", "eu-central-1"),
        ("!Ref Table", "Table"),
        ("!Ref Bucket", "bucket"),
        ("!Ref Jobs", "https://sqs.eu-central-1.amazonaws.com/123456789012/Jobs"),
        ("!GetAtt Jobs.Arn", "arn:aws:sqs:eu-central-1:123456789012:Jobs"),
        ("!GetAtt Jobs.QueueName", "Jobs"),
        ("!GetAtt Table.Arn", "arn:aws:dynamodb:eu-central-1:123456789012:table/Table"),
        ("!GetAtt Bucket.Arn", "arn:aws:s3:::bucket"),
        ("{'Fn::GetAtt': [Bucket, RegionalDomainName]}", "bucket.s3.eu-central-1.amazonaws.com"),
        ("!Sub '${Table.Arn}/index/*'", "arn:aws:dynamodb:eu-central-1:123456789012:table/Table/index/*"),
        ("!Sub ['${A}-${Table}-${!B}', {A: x}]", "x-Table-${B}"),
        ("!Join ['-', [a, !Ref Table]]", "a-Table"),
        ("!Select [1, !Split ['/', a/b/c]]", "b"),
        ("[!Ref Table, !Ref AWS::NoValue]", ["Table"]),
        ("!Ref AWS::NoValue", None),
    ],
)
def test_functions_of_the_template(expression: str, value: object) -> None:
    assert probe(expression) == value


@pytest.mark.parametrize(
    ("given", "value"),
    [({"Stage": "prod"}, "big"), ({"Stage": "dev"}, "small"), ({}, "small")],
)
def test_conditions(given: dict[str, str], value: str) -> None:
    before = """
        Parameters: {Stage: {Type: String, Default: dev}}
        Conditions:
          Prod: !Equals [!Ref Stage, prod]
          Other: !Or [!Not [!Condition Prod], !And [!Condition Prod, !Condition Prod]]
    """
    assert probe("!If [Prod, big, small]", before, **given) == value
    assert probe("!If [Other, yes, no]", before, **given) is True  # YAML's word for it


def test_a_resource_whose_condition_is_false_is_not_made() -> None:
    text = "Jobs: {Type: 'AWS::SQS::Queue', Condition: Never}\nLog: {Type: 'AWS::SQS::Queue'}"
    template = make_template(text, "Conditions: {Never: !Equals [a, b]}")
    assert [queue.name for queue in template.of_type("AWS::SQS::Queue")] == ["Log"]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("!Ref Tabel", "Thing.P: there is no resource or parameter named 'Tabel'"),
        ("{Deep: [1, !GetAtt Que.Arn]}", "Thing.P.Deep[1]: there is no resource or parameter named 'Que'"),
        ("!GetAtt Jobs.Url", "Thing.P: Jobs has no attribute 'Url' known to local/template.py"),
        ("!Sub 'a ${Tabel.Arn}'", "Thing.P: there is no resource or parameter named 'Tabel'"),
        ("!If [Nope, 1, 2]", "Thing.P: there is no condition named 'Nope'"),
        ("!Cidr [a]", "Thing.P: Fn::Cidr is not known to local/template.py"),
    ],
)
def test_a_wrong_reference_is_named_with_its_place(expression: str, message: str) -> None:
    with pytest.raises(TemplateError) as error:
        probe(expression)
    assert str(error.value) == message


def test_a_parameter_without_a_value_is_named() -> None:
    with pytest.raises(TemplateError, match=r"^Parameters\.Stage: has no default"):
        probe("1", "Parameters: {Stage: {Type: String}}")


def broken(old: str, new: str) -> str:
    """Kiosk's own template with one mistake: what start-up says of it."""
    text = (functions.ROOT / "template.yaml").read_text()
    assert old in text
    with pytest.raises(TemplateError) as error:
        Laptop.from_template(Template(text.replace(old, new, 1), environment.parameters({}), environment.REGION))
    return str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "jobs.send_mail.handler",
            "jobs.send_mails.handler",
            "SendMailFunction.Handler: there is no module 'jobs.send_mails' for 'jobs.send_mails.handler'",
        ),
        (
            "jobs.send_mail.handler",
            "jobs.send_mail.handle",
            "SendMailFunction.Handler: jobs/send_mail.py has no 'handle'",
        ),
        ("Queue: !GetAtt MailQueue.Arn", "Queue: !GetAtt MailQeue.Arn", "named 'MailQeue'"),
        (
            "Queue: !GetAtt MailQueue.Arn",
            "Queue: !Ref MailQueue",
            "/MailQueue' is the Arn of no queue in the template",
        ),
        ("deadLetterTargetArn: !GetAtt MailDeadLetterQueue", "deadLetterTargetArn: !GetAtt MailDeath", "'MailDeath'"),
        (
            "KeySchema: [{AttributeName: listed, KeyType: HASH}",
            "KeySchema: [{AttributeName: list, KeyType: HASH}",
            "ProductsTable.GlobalSecondaryIndexes.all_created: 'list' is not in AttributeDefinitions",
        ),
        (
            "deadLetterTargetArn: !GetAtt MailDeadLetterQueue.Arn",
            "deadLetterTargetArn: !GetAtt UsersTable.Arn",
            "MailQueue.RedrivePolicy.deadLetterTargetArn: 'arn:aws:dynamodb:eu-central-1:123456789012:table/Users",
        ),
        (
            "MAIL_QUEUE_URL: !Ref MailQueue",
            "MAIL_QUEUE_URL: !GetAtt MailQueue.Arn",
            "Function.Environment.Variables.MAIL_QUEUE_URL: 'arn:aws:sqs:eu-central-1:123456789012:MailQueue' is",
        ),
        (
            "MAIL_QUEUE_URL: !Ref MailQueue",
            "MAIL_QUEUE_URL: !Ref UsersTable",
            ".MAIL_QUEUE_URL: 'UsersTable' is the URL of no queue in the template",
        ),
        (
            "USERS_TABLE: !Ref UsersTable",
            "USERS_TABLE: !Ref MailQueue",
            ".USERS_TABLE: 'https://sqs.eu-central-1.amazonaws.com/123456789012/MailQueue' is the name of no table",
        ),
        (
            'MEDIA_BUCKET: !Sub "${AWS::StackName}-media',
            'MEDIA_BUCKET: !Sub "${AWS::StackName}-medium',
            ".MEDIA_BUCKET: 'kiosk-medium-123456789012-eu-central-1' is the name of no bucket in the template",
        ),
        ("BatchSize: 10", "BatchSize: ten", "SendMailFunction.Events.Mail.BatchSize: 'ten' is no whole number"),
        ("Timeout: 60", "Timeout: long", "ProcessOrdersFunction.Timeout: 'long' is no whole number"),
        ("rate(1 minute)", "rate(1 minuet)", "SweepFunction.Events.EveryMinute.ScheduleExpression: "),
        ("Type: SQS\n", "Type: SNS\n", "SendMailFunction.Events.Mail.Type: 'SNS' is not known"),
    ],
)
def test_a_mistake_in_kiosks_template_stops_the_start(old: str, new: str, message: str) -> None:
    assert message in broken(old, new)


def test_an_index_that_a_model_reads_must_be_there() -> None:
    import models.product  # noqa: F401 - so that it is among the loaded models

    text = (functions.ROOT / "template.yaml").read_text().replace("IndexName: all_created", "IndexName: all_craeted")
    template = Template(text, environment.parameters({}), environment.REGION)
    with pytest.raises(TemplateError) as error:
        resources.check_models(template)
    expected = "ProductsTable.GlobalSecondaryIndexes: there is no 'all_created', which models.product reads"
    assert str(error.value) == expected


def test_functions_that_contradict_each_other_cannot_share_a_process() -> None:
    function = "{Type: 'AWS::Serverless::Function', Properties: {Environment: {Variables: {A: %s}}}}"
    template = make_template(f"One: {function % 1}\nTwo: {function % 2}")
    with pytest.raises(TemplateError, match=r"^Two\.Environment\.Variables\.A: is '2', but One\S* has '1'"):
        environment.variables(template, "http://127.0.0.1:1")


def test_events_of_the_api_are_nobody_elses() -> None:
    text = """
        Api:
          Type: AWS::Serverless::Function
          Properties:
            Handler: tests.local.handlers.answering
            Events: {Any: {Type: HttpApi}}
    """
    template = make_template(text)
    sources = EventSources(template, functions.read(template))
    assert (sources.queues, sources.buckets, sources.schedules) == ([], [], [])
