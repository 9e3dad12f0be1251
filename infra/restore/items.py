"""Items of the table as they are exported: attributes with their types, in the form of DynamoDB's export to S3."""

import base64
import gzip
import hashlib
import json
import re
import time

SORT_WORD = re.compile(r"([a-z]+)#")


def typed(item):
    """An item as boto3 has it, in JSON: bytes in base64."""
    return bytes_as(lambda kept: base64.b64encode(kept).decode(), item)


def untyped(item):
    """The other way round."""
    return bytes_as(base64.b64decode, item)


def bytes_as(form, item):
    return {name: {"B": form(value["B"])} if "B" in value else value for name, value in item.items()}


def canonical(item):
    """One item, one text."""
    return json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(item):
    return hashlib.sha256(canonical(item).encode()).digest()


def key_of(item):
    return item["pk"]["S"], item["sk"]["S"]


def kind_of(key):
    """What kind of document stands under a key: `order`, `order message`, `key`."""
    parts, word = key[0].split("#"), SORT_WORD.match(key[1])
    # A tenant's comes second; what no tenant has begins with it.
    kind = parts[1] if parts[0].startswith("tn_") and len(parts) > 1 else parts[0]
    return f"{kind} {word[1]}" if word else kind


def is_expired(item):
    return "expires_at" in item and int(item["expires_at"]["N"]) <= time.time()


def read_items(folder):
    """Every item of an export."""
    for path in sorted((folder / "items").glob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["Item"]


class Summary:
    """How many items of each kind there are, and one digest of all: of their digests, sorted."""

    def __init__(self, digests):
        self.kinds = {}
        for key in digests:
            kind = kind_of(key)
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.count = len(digests)
        self.digest = hashlib.sha256(b"".join(sorted(digests.values()))).hexdigest()

    @classmethod
    def of(cls, pairs):
        return cls(dict(pairs))

    def told(self):
        return {"count": self.count, "sha256": self.digest, "kinds": dict(sorted(self.kinds.items()))}

    def line(self):
        return f"{self.count} items of {len(self.kinds)} kinds, sha256 {self.digest}"
