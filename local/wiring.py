"""What the template connects must fit: checked before anything is made, so that a mistake is named with its place."""

from local import environment
from local.template import Template, TemplateError, whole_number

_NAMED_BY = {
    "_QUEUE_URL": ("AWS::SQS::Queue", "the URL of no queue"),
    "_TABLE": ("AWS::DynamoDB::Table", "the name of no table"),
    "_BUCKET": ("AWS::S3::Bucket", "the name of no bucket"),
}
"""How a variable's name ends, and what its value must name."""


def check(template: Template) -> None:
    _check_redrives(template)
    _check_variables(template)


def _check_redrives(template: Template) -> None:
    queues = {queue.arn for queue in template.of_type("AWS::SQS::Queue")}
    for queue in template.of_type("AWS::SQS::Queue"):
        if policy := queue.properties.get("RedrivePolicy"):
            at, arn = f"{queue.name}.RedrivePolicy", policy.get("deadLetterTargetArn")
            if arn not in queues:
                raise TemplateError(f"{at}.deadLetterTargetArn: {arn!r} is the Arn of no queue in the template")
            whole_number(policy, "maxReceiveCount", at)


def _check_variables(template: Template) -> None:
    """An empty one is for what a condition leaves out."""
    for place, name, value in environment.stated(template):
        for ending, (kind, what) in _NAMED_BY.items():
            there = {resource.physical_id for resource in template.of_type(kind)}
            if name.endswith(ending) and value and value not in there:
                raise TemplateError(f"{place}.Environment.Variables.{name}: {value!r} is {what} in the template")
