// Where queues and their messages lie: one SQLite file. Every call is done when it returns, so that
// a process that is killed right after has lost nothing. (The operating system has it; only losing
// the machine's power can cost the last moments. `docs/decisions/007-queue-store.md`)

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { MessageState } from '../../fleet/message-queue.ts';
import { openDatabase } from './sqlite.ts';

/** What a queue is set to. Durations are whole seconds, as in the API. */
export interface QueueAttributes {
  readonly VisibilityTimeout: number;
  readonly DelaySeconds: number;
  readonly MessageRetentionPeriod: number;
  readonly MaximumMessageSize: number;
  readonly ReceiveMessageWaitTimeSeconds: number;
  readonly RedrivePolicy: RedrivePolicy | undefined;
  readonly FifoQueue: boolean;
  readonly ContentBasedDeduplication: boolean;
}

export interface RedrivePolicy {
  /** Name of the queue for dead letters. */
  readonly target: string;
  readonly maxReceiveCount: number;
}

export interface StoredQueue {
  readonly name: string;
  /** It stands in `fulcrum.yml`. */
  readonly declared: boolean;
  readonly createdAt: Millis;
  readonly modifiedAt: Millis;
  readonly attributes: QueueAttributes;
  readonly tags: Readonly<Record<string, string>>;
}

/** A message as it was sent. */
export interface Content {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** Which messages belong together. */
  readonly group: string | undefined;
  /** In a FIFO queue: two messages with the same are one. */
  readonly dedup: string | undefined;
  /** X-Ray header, from the message system attributes. */
  readonly trace: string | undefined;
  /** Name of the queue it was dead in. */
  readonly deadIn: string | undefined;
}

/** What whoever has sent a message is told. */
export interface SentMessage {
  readonly id: string;
  readonly seq: number;
}

/** One attribute of a message, in the shape of the API; binary values are in base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

const VERSION = 1;

const TABLES = `
  CREATE TABLE queue (
    name TEXT PRIMARY KEY,
    declared INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    tags TEXT NOT NULL
  ) STRICT;
  CREATE TABLE message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL REFERENCES queue (name) ON DELETE CASCADE,
    id TEXT NOT NULL,
    sent INTEGER NOT NULL,
    visible INTEGER NOT NULL,
    receives INTEGER NOT NULL,
    receives_here INTEGER NOT NULL,
    first_received INTEGER,
    received INTEGER,
    dead_in TEXT,
    message_group TEXT,
    dedup TEXT,
    trace TEXT,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL
  ) STRICT;
  CREATE INDEX message_queue ON message (queue, seq);
  CREATE TABLE recent (
    queue TEXT NOT NULL REFERENCES queue (name) ON DELETE CASCADE,
    dedup TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (queue, dedup)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${VERSION};
`;

const QUERIES = {
  queues: 'SELECT * FROM queue ORDER BY name',
  putQueue: `INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
    declared = excluded.declared, modified = excluded.modified,
    attributes = excluded.attributes, tags = excluded.tags`,
  dropQueue: 'DELETE FROM queue WHERE name = ?',
  states: `SELECT seq, message_group, sent, visible, receives, receives_here, first_received, received
    FROM message WHERE queue = ? ORDER BY seq`,
  add: `INSERT INTO message
    (queue, id, sent, visible, receives, receives_here, message_group, dedup, trace, body,
      attributes)
    VALUES (?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?)`,
  content: `SELECT id, body, attributes, message_group, dedup, trace, dead_in
    FROM message WHERE seq = ?`,
  update: `UPDATE message SET visible = ?, receives = ?, receives_here = ?, first_received = ?,
    received = ? WHERE seq = ?`,
  move: 'UPDATE message SET queue = ?, dead_in = ? WHERE seq = ?',
  remove: 'DELETE FROM message WHERE seq = ?',
  purge: 'DELETE FROM message WHERE queue = ?',
  recent: 'SELECT id, seq FROM recent WHERE queue = ? AND dedup = ? AND sent > ?',
  remember: 'INSERT OR REPLACE INTO recent VALUES (?, ?, ?, ?, ?)',
  forget: 'DELETE FROM recent WHERE queue = ? AND sent <= ?',
} as const;

type Row = Readonly<Record<string, string | number | null | undefined>>;

export class QueueStore {
  readonly #database: DatabaseSync;
  readonly #statements: Readonly<Record<keyof typeof QUERIES, StatementSync>>;

  /** Throws QUEUE_STORE_UNUSABLE. */
  constructor(file: string) {
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      database = openDatabase(file);
      prepareTables(database);
      const ready = database;
      this.#statements = Object.fromEntries(
        Object.entries(QUERIES).map(([name, text]) => [name, ready.prepare(text)]),
      ) as Record<keyof typeof QUERIES, StatementSync>;
      this.#database = ready;
    } catch (error) {
      database?.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Fault('QUEUE_STORE_UNUSABLE', { file, reason }, { cause: error });
    }
  }

  /** What `work` changes is written as a whole or not at all. */
  atomically<value>(work: () => value): value {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const value = work();
      this.#database.exec('COMMIT');
      return value;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  queues(): readonly StoredQueue[] {
    return this.#statements.queues.all().map((row) => ({
      name: String(row['name']),
      declared: row['declared'] === 1,
      createdAt: Number(row['created']),
      modifiedAt: Number(row['modified']),
      attributes: JSON.parse(String(row['attributes'])) as QueueAttributes,
      tags: JSON.parse(String(row['tags'])) as Record<string, string>,
    }));
  }

  putQueue({ name, declared, createdAt, modifiedAt, attributes, tags }: StoredQueue): void {
    const texts = [JSON.stringify(attributes), JSON.stringify(tags)] as const;
    this.#statements.putQueue.run(name, declared ? 1 : 0, createdAt, modifiedAt, ...texts);
  }

  /** With all its messages. */
  dropQueue(name: string): void {
    this.#statements.dropQueue.run(name);
  }

  states(queue: string): readonly MessageState[] {
    return this.#statements.states.all(queue).map((row) => stateOf(row as Row));
  }

  /** Gives the number of the message. */
  add(queue: string, content: Content, sentAt: Millis, visibleAt: Millis): number {
    const { id, body, attributes, group = null, dedup = null, trace = null } = content;
    const written = JSON.stringify(attributes);
    const { lastInsertRowid } = this.#statements.add.run(
      ...[queue, id, sentAt, visibleAt, group, dedup, trace, body, written],
    );
    return Number(lastInsertRowid);
  }

  content(seq: number): Content | undefined {
    const row = this.#statements.content.get(seq) as Row | undefined;
    if (row === undefined) return undefined;
    return {
      id: String(row['id']),
      body: String(row['body']),
      attributes: JSON.parse(String(row['attributes'])) as Content['attributes'],
      group: textOf(row['message_group']),
      dedup: textOf(row['dedup']),
      trace: textOf(row['trace']),
      deadIn: textOf(row['dead_in']),
    };
  }

  update(message: MessageState): void {
    const { seq, visibleAt, receives, receivesHere } = message;
    const { firstReceivedAt = null, receivedAt = null } = message;
    this.#statements.update.run(
      ...[visibleAt, receives, receivesHere, firstReceivedAt, receivedAt, seq],
    );
  }

  /** Into the queue for dead letters. */
  move(seq: number, from: string, to: string): void {
    this.#statements.move.run(to, from, seq);
  }

  remove(seq: number): void {
    this.#statements.remove.run(seq);
  }

  /** The message that was sent to a FIFO queue with this id after `since`. */
  recent(queue: string, dedup: string, since: Millis): SentMessage | undefined {
    const row = this.#statements.recent.get(queue, dedup, since) as Row | undefined;
    return row === undefined ? undefined : { id: String(row['id']), seq: Number(row['seq']) };
  }

  remember(queue: string, dedup: string, { id, seq }: SentMessage, sentAt: Millis): void {
    this.#statements.remember.run(queue, dedup, id, seq, sentAt);
  }

  /** Ids of FIFO messages that were sent at `until` or before. */
  forget(queue: string, until: Millis): void {
    this.#statements.forget.run(queue, until);
  }

  purge(queue: string): void {
    this.#statements.purge.run(queue);
  }

  close(): void {
    this.#database.close();
  }
}

function prepareTables(database: DatabaseSync): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version === 0) database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT`);
  else if (version !== VERSION) throw new Error(`it was written by another version (${version})`);
}

function stateOf(row: Row): MessageState {
  return {
    seq: Number(row['seq']),
    group: textOf(row['message_group']),
    sentAt: Number(row['sent']),
    visibleAt: Number(row['visible']),
    receives: Number(row['receives']),
    receivesHere: Number(row['receives_here']),
    firstReceivedAt: numberOf(row['first_received']),
    receivedAt: numberOf(row['received']),
  };
}

const numberOf = (value: Row[string]) =>
  value === null || value === undefined ? undefined : Number(value);

const textOf = (value: Row[string]) =>
  value === null || value === undefined ? undefined : String(value);
