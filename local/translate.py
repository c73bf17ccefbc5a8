"""`python -m local.translate`: template.yaml as the CloudFormation that deploying makes of it.

A linter sees little in the short form: it is given this.
"""

import json
import os
import sys
from typing import Any

from cfnlint.decode.cfn_yaml import load
from samtranslator.translator.transform import transform

from local.environment import REGION
from local.template import ROOT

_A_PACKAGE = "s3://packages/kiosk.zip"
_PARAMETERS = {"AWS::Region": REGION, "AWS::Partition": "aws"}


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def translate() -> dict[str, Any]:
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)  # the translator names ARNs by it
    template = json.loads(json.dumps(load(str(ROOT / "template.yaml"))))
    template["Globals"]["Function"]["CodeUri"] = _A_PACKAGE
    translated: dict[str, Any] = transform(template, _PARAMETERS, _NoManagedPolicies())
    return translated


if __name__ == "__main__":
    json.dump(translate(), sys.stdout, indent=1)
