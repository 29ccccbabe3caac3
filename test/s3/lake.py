"""Writes rows (a JSON list on standard input) as Security Lake's Parquet: lake.py FILE CODEC ROWS_OF_A_GROUP."""

import datetime
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

path, codec, group = sys.argv[1:]
rows = json.load(sys.stdin)
TIMES = ("time_dt", "start_time_dt", "created_time_dt")


def read(value, name=""):
    """Times as such, `unmapped` as a map's entries; what is empty is absent."""
    if isinstance(value, dict):
        if name == "unmapped":
            return list(value.items())
        there = {key: read(entry, key) for key, entry in value.items()}
        return {key: entry for key, entry in there.items() if entry is not None} or None
    if isinstance(value, list):
        return [read(entry) for entry in value]
    if name in TIMES and value is not None:
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return value


read_rows = [read(row) for row in rows]
table = pa.Table.from_pylist([{k: v for k, v in row.items() if k != "unmapped"} for row in read_rows])
unmapped = pa.array([row.get("unmapped") or [] for row in read_rows], type=pa.map_(pa.string(), pa.string()))
table = table.append_column("unmapped", unmapped)
pq.write_table(table, path, compression=codec, row_group_size=int(group))
