// Writes the lines of the access log to files of five minutes each, as a load balancer delivers them.
//
// Invariants
//   A1. A line costs its request nothing but being made: it is written later, many at once.
//   A2. Never more than 16 MB wait to be written; what comes beyond is left out and counted.

import { existsSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../../base/fault.ts';
import type { Clock, Release } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { App } from '../../model/app.ts';
import { ALB_LOG_FILE_MS } from '../../model/aws-limits.ts';
import { awsNames, LOCAL_ACCOUNT } from '../../model/metric.ts';
import type { EventStream } from '../control/event-stream.ts';

const WRITE_EVERY_MS: Millis = 500;
const WRITE_BYTES = 256 * 1024;
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export interface AccessLogFileParts {
  readonly app: App;
  readonly clock: Clock;
  readonly events: EventStream;
  /** Absolute. */
  readonly folder: string;
}

export class AccessLogFile {
  readonly #parts: AccessLogFileParts;
  readonly #prefix: string;
  #lines: string[] = [];
  /** Of the lines and of what is being written. */
  #bytes = 0;
  #dropped = 0;
  #broken = false;
  #writing: Promise<void> | undefined;
  #stop: Release | undefined;

  constructor(parts: AccessLogFileParts) {
    this.#parts = parts;
    const { name, region } = parts.app;
    const balancer = awsNames(name).loadBalancer.replaceAll('/', '.');
    this.#prefix = `${LOCAL_ACCOUNT}_elasticloadbalancing_${region}_${balancer}`;
  }

  /** Makes the folder. Throws ACCESS_LOG_UNUSABLE. */
  async open(): Promise<void> {
    const { folder, clock } = this.#parts;
    await makeFolder(folder).catch((error: Error) => {
      throw this.#unusable(error);
    });
    this.#stop = clock.every(WRITE_EVERY_MS, () => this.#write());
  }

  write(line: string): void {
    if (this.#bytes + line.length > MAX_WAITING_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= WRITE_BYTES) this.#write();
  }

  /** Resolves when all lines are in their file. */
  async close(): Promise<void> {
    this.#stop?.();
    this.#stop = undefined;
    while (this.#writing !== undefined || this.#lines.length > 0) {
      this.#write();
      await this.#writing;
    }
  }

  #write(): void {
    if (this.#writing !== undefined || this.#lines.length === 0) return;
    const text = this.#lines.join('');
    this.#lines = [];
    // Whatever is in a line is one byte long.
    this.#writing = appendFile(this.#file(), text, 'latin1')
      .then(
        () => this.#wrote(),
        (error: Error) => this.#failed(error),
      )
      .finally(() => {
        this.#bytes -= text.length;
        this.#writing = undefined;
      });
  }

  #wrote(): void {
    this.#broken = false;
    const dropped = this.#dropped;
    if (dropped === 0) return;
    this.#dropped = 0;
    const { events, clock } = this.#parts;
    const message = `the disk does not keep up: ${dropped} lines of the access log are left out`;
    events.emit({ type: 'notice', at: clock.wall(), message });
  }

  /** Said once, until writing works again. */
  #failed(error: Error): void {
    if (this.#broken) return;
    this.#broken = true;
    const { events, clock } = this.#parts;
    const fault = this.#unusable(error).toJSON();
    events.emit({ type: 'fault', at: clock.wall(), service: undefined, fault });
  }

  #unusable(error: Error): Fault {
    const { folder } = this.#parts;
    return new Fault('ACCESS_LOG_UNUSABLE', { folder, reason: error.message });
  }

  /** Named by the end of its five minutes. */
  #file(): string {
    const end = (Math.floor(this.#parts.clock.wall() / ALB_LOG_FILE_MS) + 1) * ALB_LOG_FILE_MS;
    const minute = new Date(end).toISOString().slice(0, 16).replace(/[-:]/g, '');
    return join(this.#parts.folder, `${this.#prefix}_${minute}Z_127.0.0.1.log`);
  }
}

/** One level at a time: Node's own way never ends below /proc. */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  if (parent !== folder && !existsSync(parent)) await makeFolder(parent);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
