"""Partitions that every order, upload or the like would hit, shared out by the hash of its id and merged on read."""

from zlib import crc32

SHARDS = 8


def shard_of(key: str) -> str:
    return str(crc32(key.encode()) % SHARDS)


def all_shards(prefix: str = "") -> list[str]:
    return [f"{prefix}{shard}" for shard in range(SHARDS)]
