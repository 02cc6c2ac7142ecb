"""The day's files for people and other programs, in the lake's exports folder and in another place if the user names one.

`datasets.py` builds the frames, `files.py` their CSV, JSON, Parquet and JSON schema, `report.py` the HTML page, `versions.py` keeps all
exported versions, `target.py` copies them to another folder or to object storage, `day.py` does all of this for one day.
"""
