"""Where moto's user pool is not Cognito: ids from the template, token lifetimes, and codes that are mailed and checked.

Unlike Cognito, nobody is slowed down for asking often, and a refresh token does not expire.
"""

from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from joserfc import jwk
from moto.cognitoidp import models, urls
from moto.cognitoidp.models import (
    CognitoIdpBackend,
    CognitoIdpUserPool,
    RegionAgnosticBackend,
    UserStatus,
    cognitoidp_backends,
)
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult
from moto.utilities.utils import load_resource

from local import codes, mailbox

SIGN_UP = timedelta(hours=24)
RESET = timedelta(hours=1)
_DEFAULT_LIFETIME = {"access": timedelta(hours=1), "id": timedelta(hours=1)}


class _Pool(CognitoIdpUserPool):
    """Its name is its id, as !Ref gives it: tokens and environment say so before it is made."""

    def __init__(self, account_id: str, region: str, name: str, config: dict[str, Any]) -> None:
        super().__init__(account_id, region, name, config)
        self.id = name
        self.arn = f"arn:aws:cognito-idp:{region}:{account_id}:userpool/{name}"

    def _get_user(self, username: str) -> Any:
        return super()._get_user(username.lower())

    def create_jwt(self, client_id: str, username: str, token_use: str, *_: Any, extra_data: Any = None) -> Any:
        config = self.clients[client_id].extended_config
        kind = {"access": "AccessToken", "id": "IdToken"}[token_use]
        lifetime = _DEFAULT_LIFETIME[token_use]
        if valid := config.get(f"{kind}Validity"):
            lifetime = timedelta(**{config.get("TokenValidityUnits", {}).get(kind, "hours"): valid})
        return super().create_jwt(client_id, username, token_use, int(lifetime.total_seconds()), extra_data)

    def get_user_extra_data_by_client_id(self, client_id: str, username: str) -> dict[str, Any]:  # noqa: ARG002
        """An id token carries all of the user's attributes."""
        attributes = {item["Name"]: item["Value"] for item in self._get_user(username).attributes}
        verified = {"email_verified": attributes.get("email_verified") == "true"}
        return {name: value for name, value in attributes.items() if name != "sub"} | verified


class _Backend(CognitoIdpBackend):
    def create_user_pool(self, name: str, extended_config: dict[str, Any]) -> _Pool:
        pool = self.user_pools[name] = _Pool(self.account_id, self.region_name, name, extended_config)
        return pool

    def create_user_pool_client(self, user_pool_id: str, generate_secret: bool, extended_config: Any) -> Any:
        client = super().create_user_pool_client(user_pool_id, generate_secret, extended_config)
        clients = self.user_pools[user_pool_id].clients
        clients.pop(client.id)
        client.id = client.extended_config["ClientName"]
        clients[client.id] = client
        return client

    def admin_create_user(self, user_pool_id: str, username: str, *args: Any) -> Any:
        """The demo's: with the same sub after every start, for DynamoDB Local keeps profiles and orders by it."""
        user = super().admin_create_user(user_pool_id, username, *args)
        users = self.user_pools[user_pool_id].users
        del users[user.username]
        user.id = user.username = str(uuid5(NAMESPACE_URL, f"mailto:{username}"))
        user.update_attributes([{"Name": "sub", "Value": user.id}])
        users[user.username] = user
        return user

    def sign_up(self, client_id: str, username: str, password: str, attributes: Any) -> Any:
        return super().sign_up(client_id, username.lower(), password, attributes)

    def initiate_auth(self, client_id: str, auth_flow: str, auth_parameters: dict[str, str]) -> Any:
        pool = next(pool for pool in self.user_pools.values() if client_id in pool.clients)
        if f"ALLOW_{auth_flow}" not in pool.clients[client_id].extended_config.get("ExplicitAuthFlows", []):
            raise JsonRESTError("InvalidParameterException", f"{auth_flow} flow not enabled for this client")
        if username := auth_parameters.get("USERNAME"):
            if pool._get_user(username) is None:
                raise JsonRESTError("NotAuthorizedException", "Incorrect username or password.")
            auth_parameters = auth_parameters | {"USERNAME": username.lower()}
        return super().initiate_auth(client_id, auth_flow, auth_parameters)

    @property
    def _url_module(self) -> Any:
        return SimpleNamespace(url_bases=urls.url_bases, url_paths=urls.url_paths | {"{0}/$": _Answers.dispatch})


class _Answers(CognitoIdpResponse):
    """The actions about codes. Of an unknown user it tells nothing (PreventUserExistenceErrors)."""

    def sign_up(self) -> Any:
        answer = super().sign_up()
        self._mail_code("sign-up", SIGN_UP, "Your verification code", "Your confirmation code is {}.")
        return answer

    def resend_confirmation_code(self) -> Any:
        user = self._find_user()
        if user is not None:
            if user.status is not UserStatus.UNCONFIRMED:
                raise JsonRESTError("InvalidParameterException", "User is already confirmed.")
            self._mail_code("sign-up", SIGN_UP, "Your verification code", "Your confirmation code is {}.")
        return ActionResult({"CodeDeliveryDetails": self._delivery()})

    def confirm_sign_up(self) -> Any:
        user = self._find_user()
        if user is None:
            raise codes.expired()
        if user.status is not UserStatus.UNCONFIRMED:
            message = f"User cannot be confirmed. Current status is {user.status.value}"
            raise JsonRESTError("NotAuthorizedException", message)
        codes.use("sign-up", user.id, self._get_param("ConfirmationCode"))
        user.update_attributes([{"Name": "email_verified", "Value": "true"}])
        return super().confirm_sign_up()

    def forgot_password(self) -> Any:
        user = self._find_user()
        if user is not None:
            if user.attribute_lookup.get("email_verified") != "true":
                message = "Cannot reset password for the user as there is no registered/verified email or phone_number"
                raise JsonRESTError("InvalidParameterException", message)
            self._mail_code("reset", RESET, "Your password reset code", "Your password reset code is {}.")
        return ActionResult({"CodeDeliveryDetails": self._delivery()})

    def confirm_forgot_password(self) -> Any:
        user = self._find_user()
        if user is None:
            raise codes.expired()
        password = self._get_param("Password")
        self._backend()._validate_password(user.user_pool_id, password)
        codes.use("reset", user.id, self._get_param("ConfirmationCode"))
        user.password = password
        return EmptyResult()

    def _backend(self) -> Any:
        client_id = self._get_param("ClientId")
        return RegionAgnosticBackend(self.current_account, self.region)._find_backend_for_clientid(client_id)

    def _find_user(self) -> Any:
        client_id = self._get_param("ClientId")
        for pool in self._backend().user_pools.values():
            if client_id in pool.clients:
                return pool._get_user(self._get_param("Username"))
        raise JsonRESTError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")

    def _mail_code(self, purpose: str, lifetime: timedelta, subject: str, text: str) -> None:
        user = self._find_user()
        code = codes.issue(purpose, user.id, lifetime)
        mailbox.deliver(mailbox.Mail((user.attribute_lookup["email"],), subject, text.format(code)))

    def _delivery(self) -> dict[str, str]:
        name, _, domain = self._get_param("Username").lower().partition("@")
        return {
            "Destination": f"{name[:1]}***@{domain[:1]}***",
            "DeliveryMedium": "EMAIL",
            "AttributeName": "email",
        }


@cache
def _signing_key() -> Any:
    """moto has one for all pools, and every test a new pool: read once, for reading takes 0.1 s."""
    return jwk.RSAKey.import_key(load_resource("cognitoidp/resources/jwks-private.json"))


def install() -> None:
    cognitoidp_backends.backend = _Backend
    cognitoidp_backends.clear()
    vars(models)["jwk"] = SimpleNamespace(RSAKey=SimpleNamespace(import_key=lambda _: _signing_key()))
