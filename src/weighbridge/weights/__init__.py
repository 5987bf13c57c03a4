"""Reading weight formats, one module a format. Never executes, never unpickles, never imports.

``inspect.inspect_file`` is the door; ``registry`` says which module reads which kind.
"""
