"""Values that may stand in double quotes: the same in every document (wg.config_quoted)."""

from wg.config_quoted import encoded_len, read, text_of, write

__all__ = ["encoded_len", "read", "text_of", "write"]
