"""Views of an :class:`~weighbridge.model.record.AuditRecord`, one module a view.

A view is a pure function: the same record gives the same bytes, on any machine. Text that came
from the subject is escaped by the writer of its format, and never taken as markup.
"""
