"""pyarrow as the other side of a test.

    python test/golden/formats.py write FOLDER            the same documents in every container pyarrow and Python write
    python test/golden/formats.py read FILE...            a file of columns as one JSON object: its rows and their types
    python test/golden/formats.py bombs FOLDER            columns that unpack to gigabytes
"""

import csv
import gzip
import io
import json
import pathlib
import sys
import tarfile

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

DOCUMENTS = [
    {"id": f"d{i}", "text": f"{'문서 ' * (i % 5 + 1)}번호 {i}, \"따옴표\"와\n둘째 줄", "source": ["web", "news"][i % 2], "score": i / 4, "tags": ["a", f"t{i}"]}
    for i in range(200)
]


def write(folder: pathlib.Path) -> None:
    table = pa.Table.from_pylist(DOCUMENTS)
    for compression in ("snappy", "gzip", "zstd", "lz4", "brotli", "none"):
        pa.parquet.write_table(table, folder / f"{compression}.parquet", compression=compression, row_group_size=64)
    pa.parquet.write_table(table, folder / "v1.parquet", version="1.0", data_page_version="1.0", use_dictionary=False)
    pa.parquet.write_table(table, folder / "v2.parquet", data_page_version="2.0")
    for compression in ("uncompressed", "lz4", "zstd"):
        pa.feather.write_feather(table, folder / f"{compression}.arrow", compression=compression, chunksize=64)
    views = table.set_column(1, "text", table["text"].cast(pa.string_view()))
    with pa.ipc.new_stream(folder / "stream.arrow", views.schema) as stream:
        stream.write_table(views, max_chunksize=64)
    dictionaries = table.set_column(1, "text", table["text"].dictionary_encode())
    with pa.ipc.new_file(folder / "dictionary.arrow", dictionaries.schema) as file:
        file.write_table(dictionaries)
    (folder / "array.json").write_text(json.dumps(DOCUMENTS, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "escaped.json.gz").write_bytes(gzip.compress(json.dumps(DOCUMENTS).encode()))
    for name, delimiter, encoding in (("utf-8.csv", ",", "utf-8-sig"), ("cp949.csv", ",", "cp949"), ("tabs.tsv", "\t", "utf-8"), ("utf-16.csv", ",", "utf-16")):
        text = io.StringIO()
        rows = csv.DictWriter(text, ["id", "text", "source"], delimiter=delimiter, extrasaction="ignore")
        rows.writeheader()
        rows.writerows(DOCUMENTS)
        (folder / name).write_bytes(text.getvalue().encode(encoding))
    for name, format in (("pax.tar", tarfile.PAX_FORMAT), ("gnu.tar.gz", tarfile.GNU_FORMAT)):
        with tarfile.open(folder / name, "w:gz" if name.endswith("gz") else "w", format=format) as tar:
            for document in DOCUMENTS:
                info = tarfile.TarInfo(f"{document['source']}/{'긴이름' * 40}/{document['id']}.txt")
                data = document["text"].encode()
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    (folder / "documents.jsonl").write_text("".join(f"{json.dumps(d, ensure_ascii=False)}\n" for d in DOCUMENTS), encoding="utf-8")


def read(files: list[str]) -> dict:
    rows, types = [], None
    for path in files:
        table = pa.parquet.read_table(path) if path.endswith(".parquet") else pa.ipc.open_file(path).read_all()
        table.validate(full=True)
        rows += table.to_pylist()
        types = {field.name: str(field.type) for field in table.schema}
    groups = [pa.parquet.ParquetFile(path).metadata.num_row_groups for path in files if path.endswith(".parquet")]
    return {"rows": rows, "types": types, "groups": groups}


def bombs(folder: pathlib.Path) -> None:
    table = pa.table({"id": [1, 2], "text": pa.array(["a" * 500_000_000, "b" * 400_000_000], pa.large_string())})
    pa.parquet.write_table(table, folder / "page.parquet", compression="zstd", use_dictionary=False, write_statistics=False)
    pa.feather.write_feather(table, folder / "batch.arrow", compression="zstd")
    with pa.ipc.new_stream(folder / "stream.arrow", table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(table)


if sys.argv[1] in ("write", "bombs"):
    {"write": write, "bombs": bombs}[sys.argv[1]](pathlib.Path(sys.argv[2]))
    print("{}")
else:
    print(json.dumps(read(sys.argv[2:])))
