"""The tables of the index.

`records` are what sources said, one row a source and model. `entries` are what a search shows, one row a model,
derived from its records, with its words in `fts` and its values in `facets`. Whatever a search counts or filters by
is a small integer in `facets`, clustered by value, so that the entries that have a value are read in one run.
"""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('generation', '0');
    CREATE TABLE sources (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        location TEXT NOT NULL,
        refreshed_at TEXT,
        state TEXT NOT NULL DEFAULT '',
        serial INTEGER,
        signed_by TEXT
    );
    CREATE TABLE records (
        id INTEGER PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        learned_at TEXT NOT NULL,
        complete INTEGER NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (key, source)
    );
    CREATE INDEX records_by_source ON records (source);
    CREATE TABLE cards (
        record INTEGER PRIMARY KEY REFERENCES records (id) ON DELETE CASCADE,
        text TEXT NOT NULL
    );
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        downloads INTEGER,
        updated TEXT NOT NULL,
        smallest_bytes INTEGER,
        needed_bytes INTEGER,
        row TEXT NOT NULL
    );
    CREATE INDEX entries_by_name ON entries (name);
    CREATE INDEX entries_by_downloads ON entries (downloads DESC);
    CREATE INDEX entries_by_updated ON entries (updated DESC);
    CREATE INDEX entries_by_size ON entries (smallest_bytes);
    CREATE INDEX entries_by_need ON entries (needed_bytes);
    CREATE TABLE words (id INTEGER PRIMARY KEY, name TEXT NOT NULL, rest TEXT NOT NULL);
    CREATE VIRTUAL TABLE fts USING fts5 (
        name, rest, content = 'words', content_rowid = 'id', detail = 'column', prefix = '1 2 3',
        tokenize = 'ascii'
    );
    CREATE VIRTUAL TABLE vocabulary USING fts5vocab ('fts', 'row');
    CREATE TABLE beginnings (
        beginning TEXT PRIMARY KEY,
        name BLOB NOT NULL,
        anywhere BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE facet_values (
        id INTEGER PRIMARY KEY,
        facet TEXT NOT NULL,
        value TEXT NOT NULL,
        UNIQUE (facet, value)
    );
    CREATE TABLE facets (
        value INTEGER NOT NULL,
        entry INTEGER NOT NULL,
        PRIMARY KEY (value, entry)
    ) WITHOUT ROWID;
    CREATE INDEX facets_by_entry ON facets (entry);
    CREATE TABLE contents (
        sha256 TEXT NOT NULL,
        entry INTEGER NOT NULL,
        PRIMARY KEY (sha256, entry)
    ) WITHOUT ROWID;
    CREATE INDEX contents_by_entry ON contents (entry);
    """,
)

STORED_FACETS = ("license", "format", "size", "task", "publisher", "source", "quantization")
"""Facets whose values are stored; `fits` and `local` depend on this machine and are computed."""

MOST_ENTRIES = 1_000_000
FIRST_SURROGATE, LAST_SURROGATE = 0xD800, 0xDFFF
