// A command in a container that runs already, as `docker exec` runs one.

import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import type { Beside, Exit } from '../../base/ports.ts';
import { lineSplitter } from '../lines.ts';
import { reasonOf } from './connect.ts';
import { exitOf } from './container-facts.ts';

interface CommandParts {
  readonly docker: Docker;
  /** Its processes are processes of this machine. */
  readonly isLocal: boolean;
  readonly words: readonly string[];
  readonly onLine: (line: string) => void;
}

/** What `docker exec` exits with when nothing could be started. */
const NOT_STARTED: Exit = { code: 126 };

export class ContainerCommand implements Beside {
  readonly exited: Promise<Exit>;
  readonly #parts: CommandParts;
  #exec: Docker.Exec | undefined;
  #killed: (() => void) | undefined;
  #unwanted = false;

  constructor(container: Promise<Docker.Container>, parts: CommandParts) {
    this.#parts = parts;
    const killed = new Promise<Exit>((resolve) => {
      this.#killed = () => resolve({ signal: 'SIGKILL' });
    });
    this.exited = Promise.race([this.#run(container), killed]);
  }

  /** Nobody waits for it any more. No call of the engine ends a command, so its process is ended here. */
  kill(): void {
    this.#unwanted = true;
    this.#killed?.();
    void this.#endProcess();
  }

  async #run(container: Promise<Docker.Container>): Promise<Exit> {
    const { words, docker, onLine } = this.#parts;
    try {
      this.#exec = await (await container).exec({
        Cmd: [...words],
        AttachStdout: true,
        AttachStderr: true,
      });
      if (this.#unwanted) return NOT_STARTED;
      const stream = await this.#exec.start({});
      // It was killed while it was being started.
      if (this.#unwanted) void this.#endProcess();
      const split = lineSplitter((line) => onLine(line));
      const pipe = new PassThrough();
      pipe.on('data', split);
      docker.modem.demuxStream(stream, pipe, pipe);
      await new Promise<void>((resolve) => {
        stream.once('end', resolve);
        stream.once('close', resolve);
        stream.once('error', () => resolve());
      });
      split(undefined);
      const { ExitCode } = await this.#exec.inspect();
      return ExitCode === null ? NOT_STARTED : exitOf(ExitCode);
    } catch (error) {
      onLine(reasonOf(error));
      return NOT_STARTED;
    }
  }

  async #endProcess(): Promise<void> {
    if (!this.#parts.isLocal) return;
    try {
      const { Running, Pid } = (await this.#exec?.inspect()) ?? { Running: false, Pid: 0 };
      if (Running && Pid > 0) process.kill(Pid, 'SIGKILL');
    } catch {
      // It has ended with its container, or belongs to somebody else; it ends with its container then.
    }
  }
}
