"""Public pictures, as CloudFront shows them to everybody, from the embedded media bucket."""

from botocore.exceptions import ClientError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.config import settings
from local.resources import client


def picture(request: Request) -> Response:
    if not request.path_params["key"]:
        return PlainTextResponse("NoSuchKey", 404)
    try:
        stored = client("s3").get_object(Bucket=settings().media_bucket, Key=request.path_params["key"])
    except ClientError as error:
        return PlainTextResponse(error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
    headers = {
        "cache-control": stored.get("CacheControl", "no-store"),
        "content-type": stored["ContentType"],
        "etag": stored["ETag"],
    }
    return Response(stored["Body"].read(), headers=headers)
