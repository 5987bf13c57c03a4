"""What bytes are: the kind of a file's content, told from the content alone. Shared by whoever
opens files (``snapshot``) and whoever opens what lies in them (``weights``)."""
