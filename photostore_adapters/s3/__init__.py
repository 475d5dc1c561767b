"""Blobs in a bucket of any store that speaks S3.

Bytes go over HTTP on URLs that are presigned in the process, which costs a tenth of the SDK's way; everything else is
asked through one long-lived SDK client.
"""
