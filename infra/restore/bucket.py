"""The bucket: what is kept in it, with its headers."""

import hashlib

# What is not kept: the template lets both go after thirty days.
PASSING = ("uploads/", "outbox/")
HEADERS = ["CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType"]
PIECE = 1 << 20


def list_objects(stack):
    pages = stack.s3.get_paginator("list_objects_v2").paginate(Bucket=stack.bucket())
    paths = [found["Key"] for page in pages for found in page.get("Contents", [])]
    return {path: None for path in sorted(paths) if not path.startswith(PASSING)}


def get_object(stack, path, folder):
    """What an object is: path, size, digest, headers. Its bytes go into `folder`, if any, by their digest."""
    answer, digest, size = stack.s3.get_object(Bucket=stack.bucket(), Key=path), hashlib.sha256(), 0
    half = folder / f"{hashlib.sha256(path.encode()).hexdigest()}.part" if folder else None
    file = open(half, "wb") if half else None
    try:
        for piece in answer["Body"].iter_chunks(PIECE):
            digest.update(piece)
            size += len(piece)
            if file:
                file.write(piece)
    finally:
        if file:
            file.close()
    if half:
        half.replace(folder / digest.hexdigest())
    headers = {name: answer[name] for name in HEADERS if answer.get(name)}
    told = {"path": path, "size": size, "sha256": digest.hexdigest(), "headers": headers}
    return told | {"metadata": answer["Metadata"]}


def put_object(stack, one, folder):
    with open(folder / one["sha256"], "rb") as body:
        kept = {"Metadata": one["metadata"], **one["headers"]}
        stack.s3.put_object(Bucket=stack.bucket(), Key=one["path"], Body=body, **kept)
