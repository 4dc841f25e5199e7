// Events that nobody waits for, on disk: whatever was accepted outlives the engine, also one that is
// killed. (What is written survives the end of the process at once, and a loss of power from the
// next checkpoint on: SQLite's write-ahead log with synchronous = NORMAL.)
//
// An event under way is marked as taken; whoever opens the file next finds nobody at work on it and
// puts it back. So an event is tried at least once, as on AWS.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import { openDatabase } from '../queue/sqlite.ts';

export interface NewEvent {
  readonly requestId: string;
  /** Name in `fulcrum.yml`. */
  readonly function: string;
  readonly qualifier: string | undefined;
  readonly payload: Buffer;
  readonly traceId: string;
  readonly clientContext: string | undefined;
  readonly tenantId: string | undefined;
  readonly acceptedAt: Millis;
  /** Records of other events that led to this one. */
  readonly depth: number;
}

export interface StoredEvent extends NewEvent {
  readonly id: number;
  readonly at: Millis;
  readonly failures: number;
  readonly throttles: number;
  /** JSON of the last answer of the function, or undefined. */
  readonly answer: string | undefined;
}

export interface EventProgress {
  readonly at: Millis;
  readonly failures: number;
  readonly throttles: number;
  readonly answer: string | undefined;
}

export interface AsyncStore {
  add(event: NewEvent): void;
  /** Takes up to `limit` events that are due, the longest due first. */
  take(now: Millis, limit: number): readonly StoredEvent[];
  /** Puts an event back that is tried again. */
  putBack(id: number, progress: EventProgress): void;
  /** Forgets an event and adds the record of it, both or neither. */
  finish(id: number, record: NewEvent | undefined): void;
  /** When the next event is due, or undefined when none waits. */
  nextAt(): Millis | undefined;
  close(): void;
}

const TABLE = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL,
    function TEXT NOT NULL,
    qualifier TEXT,
    payload BLOB NOT NULL,
    trace_id TEXT NOT NULL,
    client_context TEXT,
    tenant_id TEXT,
    accepted_at REAL NOT NULL,
    depth INTEGER NOT NULL,
    at REAL NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    throttles INTEGER NOT NULL DEFAULT 0,
    answer TEXT,
    taken INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS due ON events (taken, at);
  UPDATE events SET taken = 0 WHERE taken = 1;
`;

const INSERT = `
  INSERT INTO events (request_id, function, qualifier, payload, trace_id, client_context, tenant_id,
    accepted_at, depth, at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const TAKE = `
  UPDATE events SET taken = 1 WHERE id IN (
    SELECT id FROM events WHERE taken = 0 AND at <= ? ORDER BY at, id LIMIT ?
  ) RETURNING *`;

const PUT_BACK =
  'UPDATE events SET taken = 0, at = ?, failures = ?, throttles = ?, answer = ? WHERE id = ?';

/** Throws ASYNC_STORE_BROKEN. */
export function openAsyncStore(file: string): AsyncStore {
  try {
    const database = openDatabase(file);
    database.exec(TABLE);
    return new SqliteStore(database);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault('ASYNC_STORE_BROKEN', { file, reason }, { cause: error });
  }
}

class SqliteStore implements AsyncStore {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #take: StatementSync;
  readonly #putBack: StatementSync;
  readonly #delete: StatementSync;
  readonly #next: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(INSERT);
    this.#take = database.prepare(TAKE);
    this.#putBack = database.prepare(PUT_BACK);
    this.#delete = database.prepare('DELETE FROM events WHERE id = ?');
    this.#next = database.prepare('SELECT min(at) AS at FROM events WHERE taken = 0');
  }

  add(event: NewEvent): void {
    this.#insert.run(
      event.requestId,
      event.function,
      event.qualifier ?? null,
      event.payload,
      event.traceId,
      event.clientContext ?? null,
      event.tenantId ?? null,
      event.acceptedAt,
      event.depth,
      event.acceptedAt,
    );
  }

  take(now: Millis, limit: number): readonly StoredEvent[] {
    const rows = this.#take.all(now, limit) as unknown as readonly Row[];
    return rows.map(eventOf).sort((a, b) => a.at - b.at || a.id - b.id);
  }

  putBack(id: number, { at, failures, throttles, answer }: EventProgress): void {
    this.#putBack.run(at, failures, throttles, answer ?? null, id);
  }

  finish(id: number, record: NewEvent | undefined): void {
    if (record === undefined) {
      this.#delete.run(id);
      return;
    }
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#delete.run(id);
      this.add(record);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  nextAt(): Millis | undefined {
    return (this.#next.get() as { readonly at: number | null } | undefined)?.at ?? undefined;
  }

  close(): void {
    this.#database.close();
  }
}

interface Row {
  readonly id: number;
  readonly request_id: string;
  readonly function: string;
  readonly qualifier: string | null;
  readonly payload: Uint8Array;
  readonly trace_id: string;
  readonly client_context: string | null;
  readonly tenant_id: string | null;
  readonly accepted_at: number;
  readonly depth: number;
  readonly at: number;
  readonly failures: number;
  readonly throttles: number;
  readonly answer: string | null;
}

function eventOf(row: Row): StoredEvent {
  const { buffer, byteOffset, byteLength } = row.payload;
  return {
    id: row.id,
    requestId: row.request_id,
    function: row.function,
    qualifier: row.qualifier ?? undefined,
    payload: Buffer.from(buffer, byteOffset, byteLength),
    traceId: row.trace_id,
    clientContext: row.client_context ?? undefined,
    tenantId: row.tenant_id ?? undefined,
    acceptedAt: row.accepted_at,
    depth: row.depth,
    at: row.at,
    failures: row.failures,
    throttles: row.throttles,
    answer: row.answer ?? undefined,
  };
}
