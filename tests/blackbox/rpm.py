"""Databases of rpm as Fedora's images hold them: SQLite, with a header for each package."""

import contextlib
import pathlib
import sqlite3
import struct
import tempfile

STRING, INT32, BINARY = 6, 4, 7


def header(name, version, release="1", epoch=None, architecture="x86_64"):
    """A header without its magic: numbers of entries and bytes, index, data."""
    index, data = [(63, BINARY, 0, 16)], bytes(16)
    for tag, text in ((1000, name), (1001, version), (1002, release), (1022, architecture)):
        index.append((tag, STRING, len(data), 1))
        data += text.encode() + b"\0"
    if epoch is not None:
        data += bytes(-len(data) % 4)
        index.append((1003, INT32, len(data), 1))
        data += struct.pack(">I", epoch)
    return struct.pack(">II", len(index), len(data)) + b"".join(struct.pack(">4I", *row) for row in index) + data


def database(*headers):
    """The bytes of rpmdb.sqlite."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rpmdb.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
            db.execute("CREATE TABLE Name (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)")
            db.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in headers])
            db.commit()
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()
