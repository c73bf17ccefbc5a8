"""template.yaml, read and resolved for the laptop as CloudFormation would, as far as Kiosk's template needs it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import short_forms

ROOT = Path(__file__).parent.parent
ACCOUNT = "123456789012"
_NO_VALUE = object()
_PLACEHOLDER = re.compile(r"\$\{(!?)\s*([^}]+?)\s*\}")
_NAME_PROPERTY = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SSM::Parameter": "Name",
}


class TemplateError(RuntimeError):
    """The template is wrong; the message names the resource and the property."""


def whole_number(properties: Mapping[str, Any], name: str, at: str, default: int | None = None) -> int:
    value = properties.get(name, default)
    try:
        return int(value)
    except (TypeError, ValueError):
        raise TemplateError(f"{at}.{name}: {value!r} is no whole number") from None


@dataclass(frozen=True, slots=True)
class Resource:
    name: str
    type: str
    properties: dict[str, Any]
    physical_id: str
    """What !Ref gives: a table's name, a queue's URL."""
    arn: str

    @property
    def queue_name(self) -> str:
        return self.arn.rpartition(":")[2]


class Template:
    """Resolved as a whole when made, so that a reference to nothing fails at once, with its place."""

    def __init__(self, text: str, parameters: Mapping[str, str], region: str) -> None:
        self._raw = short_forms.load(text)
        self._region = region
        self._pseudo = {
            "AWS::Region": region,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": "kiosk",
            "AWS::NoValue": _NO_VALUE,
        }
        self.parameters = self._fill(parameters)
        self._functions: dict[str, Callable[[Any, str], Any]] = {
            "Ref": self._ref,
            "Condition": self._condition,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Equals": lambda value, at: len({str(part) for part in self._resolve(value, at)}) == 1,
            "Fn::Not": lambda value, at: not self._resolve(value, at)[0],
            "Fn::And": lambda value, at: all(self._resolve(value, at)),
            "Fn::Or": lambda value, at: any(self._resolve(value, at)),
            "Fn::Join": lambda value, at: str(value[0]).join(map(str, self._resolve(value[1], at))),
            "Fn::Select": lambda value, at: self._resolve(value[1], at)[int(value[0])],
            "Fn::Split": lambda value, at: self._resolve(value[1], at).split(value[0]),
        }
        self.globals: dict[str, Any] = self._resolve(self._raw.get("Globals", {}), "Globals")
        self.resources = {
            name: Resource(
                name,
                raw["Type"],
                self._resolve(raw.get("Properties", {}), name),
                self._ref(name, name),
                self._attribute(name, "Arn"),
            )
            for name, raw in self._raw["Resources"].items()
            if "Condition" not in raw or self._condition(raw["Condition"], f"{name}.Condition")
        }
        self._resolve(self._raw.get("Outputs", {}), "Outputs")

    @classmethod
    def read(cls, parameters: Mapping[str, str], region: str) -> "Template":
        return cls((ROOT / "template.yaml").read_text(), parameters, region)

    def of_type(self, *types: str) -> Iterator[Resource]:
        return (resource for resource in self.resources.values() if resource.type in types)

    def _fill(self, given: Mapping[str, str]) -> dict[str, Any]:
        declared = self._raw.get("Parameters", {})
        filled = {name: given.get(name, raw.get("Default")) for name, raw in declared.items()}
        if missing := [name for name, value in filled.items() if value is None]:
            raise TemplateError(f"Parameters.{missing[0]}: has no default, and local/environment.py gives it no value")
        return filled

    def _resolve(self, value: Any, at: str) -> Any:
        if isinstance(value, list):
            parts = [self._resolve(part, f"{at}[{number}]") for number, part in enumerate(value)]
            return [part for part in parts if part is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if function := self._functions.get(name):
                return function(argument, at)
            if str(name).startswith("Fn::"):
                raise TemplateError(f"{at}: {name} is not known to local/template.py")
        resolved = {key: self._resolve(part, f"{at}.{key}") for key, part in value.items()}
        return {key: part for key, part in resolved.items() if part is not _NO_VALUE}

    def _ref(self, name: str, at: str) -> Any:
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        kind, own = self._type_and_name(name, at)
        match kind:
            case "AWS::SQS::Queue":
                return f"https://sqs.{self._region}.amazonaws.com/{ACCOUNT}/{own}"
            case "AWS::S3::Bucket":
                return own.lower()
            case "AWS::Cognito::UserPool":
                return f"{self._region}_{own}"
        return own

    def _get_att(self, argument: list[str], at: str) -> str:
        name, attribute = argument
        self._type_and_name(name, at)
        value = self._attribute(name, attribute)
        if not value:
            raise TemplateError(f"{at}: {name} has no attribute {attribute!r} known to local/template.py")
        return value

    def _attribute(self, name: str, attribute: str) -> str:
        kind, own = self._type_and_name(name, name)
        service = kind.split("::")[1].lower()
        match kind, attribute:
            case "AWS::DynamoDB::Table", "Arn":
                own = f"table/{own}"
            case "AWS::S3::Bucket", "Arn":
                return f"arn:aws:s3:::{own.lower()}"
            case "AWS::S3::Bucket", "RegionalDomainName":
                return f"{own.lower()}.s3.{self._region}.amazonaws.com"
            case "AWS::Cognito::UserPool", "Arn":
                service, own = "cognito-idp", f"userpool/{self._ref(name, name)}"
            case "AWS::Serverless::Function", "Arn":
                service, own = "lambda", f"function:{own}"
            case "AWS::SQS::Queue", "QueueName":
                return own
            case _, "Arn":
                pass
            case (("AWS::DynamoDB::Table" | "AWS::S3::Bucket" | "AWS::SQS::Queue" | "AWS::Serverless::Function"), _):
                return ""
            case _:
                return f"{own}.{attribute}"
        return f"arn:aws:{service}:{self._region}:{ACCOUNT}:{own}"

    def _type_and_name(self, name: str, at: str) -> tuple[str, str]:
        raw = self._raw["Resources"].get(name)
        if raw is None:
            raise TemplateError(f"{at}: there is no resource or parameter named {name!r}")
        given = raw.get("Properties", {}).get(_NAME_PROPERTY.get(raw["Type"], ""))
        return raw["Type"], name if given is None else str(self._resolve(given, name))

    def _sub(self, argument: Any, at: str) -> str:
        text, extra = argument if isinstance(argument, list) else (argument, {})
        own = self._resolve(extra, at)

        def fill(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return f"${{{name}}}"
            if name in own:
                return str(own[name])
            return str(self._get_att(name.split(".", 1), at) if "." in name else self._ref(name, at))

        return _PLACEHOLDER.sub(fill, text)

    def _if(self, argument: list[Any], at: str) -> Any:
        condition, yes, no = argument
        return self._resolve(yes if self._condition(condition, at) else no, at)

    def _condition(self, name: str, at: str) -> bool:
        conditions = self._raw.get("Conditions", {})
        if name not in conditions:
            raise TemplateError(f"{at}: there is no condition named {name!r}")
        return bool(self._resolve(conditions[name], f"Conditions.{name}"))
