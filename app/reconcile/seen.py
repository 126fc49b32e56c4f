"""Which of our rows were met while a list was read: one bit for each row id, however many."""


class Seen:
    """A set of row ids that stays small."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, row_id: int) -> None:
        byte, bit = divmod(row_id, 8)
        self._bits.extend(bytes(max(0, byte + 1 - len(self._bits))))
        self._bits[byte] |= 1 << bit

    def __contains__(self, row_id: int) -> bool:
        byte, bit = divmod(row_id, 8)
        return byte < len(self._bits) and bool(self._bits[byte] >> bit & 1)
