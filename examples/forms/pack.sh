#!/bin/sh
# Packs audit/events.jsonl in every way that is read. Run it again if that file changes. It needs gzip, bzip2, zstd, tar and zip.
set -eu
cd "$(dirname "$0")"
rm -rf packed && mkdir packed
cd audit
gzip -nc events.jsonl > ../packed/events.jsonl.gz
gzip -nc ../packed/events.jsonl.gz > ../packed/events.jsonl.gz.gz
bzip2 -c events.jsonl > ../packed/events.jsonl.bz2
zstd -qc events.jsonl > ../packed/events.jsonl.zst
tar --format=ustar --owner=0 --group=0 --mtime=@0 -cf ../packed/events.tar events.jsonl
gzip -nc ../packed/events.tar > ../packed/events.tar.gz
cd ../packed
TZ=UTC0 touch -d @315532800 events.jsonl.gz
TZ=UTC0 zip -qX events.zip events.jsonl.gz
