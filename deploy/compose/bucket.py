"""Make the bucket of `S3__BUCKET_NAME` if it is not there, and wait for the store as long as it takes to start."""

import os
import sys
import time

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

WAIT_SECONDS = 60


def made(client, name: str) -> bool:
    try:
        client.head_bucket(Bucket=name)
    except ClientError as refusal:
        if refusal.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        client.create_bucket(Bucket=name)
        return True
    return False


def main() -> None:
    name, endpoint = os.environ["S3__BUCKET_NAME"], os.environ["S3__ENDPOINT_URL"]
    client = botocore.session.get_session().create_client(
        "s3",
        endpoint_url=endpoint,
        region_name=os.environ["S3__REGION_NAME"],
        aws_access_key_id=os.environ["S3__AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["S3__AWS_SECRET_ACCESS_KEY"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            found = "was made" if made(client, name) else "is there"
            sys.stdout.write(f"bucket {name} {found}\n")
            return
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > until:
                sys.exit(f"bucket {name} at {endpoint} could not be made: {error}")
            time.sleep(1)


main()
