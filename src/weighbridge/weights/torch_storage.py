"""What torch's persistent ids say of storages: ``('storage', class, key, location, elements)``."""

from __future__ import annotations

from weighbridge.weights.log import Log

# Bytes an element takes (torch/storage.py, _dtype_to_storage_type_map).
_ITEM = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2, "LongStorage": 8,
    "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1,
    "ComplexDoubleStorage": 16, "ComplexFloatStorage": 8, "UntypedStorage": 1, "QInt8Storage": 1,
    "QUInt8Storage": 1, "QInt32Storage": 4,
}  # fmt: skip


def storage_bytes(kind: str, count: int) -> int | None:
    """Bytes of a storage, None where its class is not known."""
    item = _ITEM.get(kind.rpartition(".")[2])
    return None if item is None or not 0 <= count <= 2**53 else item * count


def count_storages(storages: dict[str, tuple[str, int]], log: Log) -> None:
    """Count each storage as a tensor: torch's tensors are views of them."""
    for kind, count in storages.values():
        log.tensor(
            kind.rpartition(".")[2].removesuffix("Storage").lower(), min(max(count, 0), 2**53)
        )
