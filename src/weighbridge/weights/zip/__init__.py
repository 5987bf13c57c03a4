"""Zip archives as loaders read them: an own reader, because loaders disagree and ``zipfile`` is
one.

torch reads with miniz (offsets count from the file's start, names compared without case, local
headers ignored), Python with ``zipfile`` (offsets shifted by whatever precedes the archive, central
flags obeyed). Where the two views of a file differ, the file is built to be seen differently.
Source of the layout: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
"""
