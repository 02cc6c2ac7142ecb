"""The day's files for people and other programs, in the lake's exports folder and where else a user wants them.

`datasets.py` makes the frames, `files.py` their CSV, JSON, Parquet and JSON schema, `versions.py` keeps what was once exported,
`target.py` copies it to another folder or to object storage, `day.py` does it all for one day.
"""
