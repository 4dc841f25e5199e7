// Images for programs: built from a Dockerfile, or taken as they are and pulled where they are missing.

import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { extract } from 'tar-fs';
import { Fault } from '../../base/fault.ts';
import { buildContext } from './build-context.ts';
import { type ContainerEngine, reasonOf, statusOf } from './connect.ts';
import { ENGINE_LABEL } from './labels.ts';

export interface FoundImage {
  readonly id: string;
  /** Names of the executables in its /opt/extensions, sorted. */
  readonly extensions: readonly string[];
}

export interface BuildOrder {
  /** Key of the program. */
  readonly service: string;
  /** Absolute. */
  readonly folder: string;
  /** Relative to `folder`. */
  readonly dockerfile: string;
  /** Name the image gets. */
  readonly tag: string;
  readonly onLine: (line: string) => void;
  /** Aborted when nobody waits for it any more. */
  readonly stop?: AbortSignal | undefined;
}

/** What `findImage` is asked for. */
export type FindOrder = readonly [
  service: string,
  name: string,
  onLine: (line: string) => void,
  stop?: AbortSignal,
];

/** Lines of a build that its failure shows. */
const LAST_LINES = 20;

/** Where Lambda looks for extensions in an image. [LDG:runtimes-extensions-api] */
const EXTENSIONS = '/opt/extensions';

/** One message of a build or a pull. */
interface Progress {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
}

/** Throws IMAGE_BUILD_FAILED. */
export async function buildImage(
  { docker }: ContainerEngine,
  { service, folder, dockerfile, tag, onLine, stop }: BuildOrder,
): Promise<FoundImage> {
  const last: string[] = [];
  let failed: string | undefined;
  const note = ({ stream, error }: Progress): void => {
    failed ??= error?.trim();
    for (const line of (stream ?? '').split('\n')) {
      if (line.trim() === '') continue;
      onLine(line.trimEnd());
      last.push(line.trimEnd());
      if (last.length > LAST_LINES) last.shift();
    }
  };
  try {
    const context = buildContext(folder, dockerfile);
    const stream = await docker.buildImage(context, { t: tag, dockerfile, forcerm: true });
    await follow(docker, stream, note, stop);
  } catch (error) {
    failed ??= reasonOf(error);
  }
  if (failed !== undefined) {
    throw new Fault('IMAGE_BUILD_FAILED', { service, dockerfile, reason: failed, lastLines: last });
  }
  return imageOf(docker, tag);
}

/** Throws IMAGE_NOT_FOUND. */
export async function findImage(
  { docker }: ContainerEngine,
  ...[service, name, onLine, stop]: FindOrder
): Promise<FoundImage> {
  try {
    return await imageOf(docker, name);
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
  try {
    let failed: string | undefined;
    const note = ({ status, id, error }: Progress): void => {
      failed ??= error;
      // Layers report every few bytes; what is told is that something happens.
      if (status !== undefined && id === undefined) onLine(status);
    };
    await follow(docker, await docker.pull(name), note, stop);
    if (failed !== undefined) throw new Error(failed);
    return await imageOf(docker, name);
  } catch (error) {
    throw new Fault('IMAGE_NOT_FOUND', { service, image: name, reason: reasonOf(error) });
  }
}

function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  note: (progress: Progress) => void,
  stop: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      // Docker ends a build that nobody listens to; Podman may take its last step to the end.
      (stream as Readable).destroy();
      reject(new Error('it was interrupted'));
    };
    stop?.addEventListener('abort', giveUp, { once: true });
    if (stop?.aborted === true) giveUp();
    docker.modem.followProgress(
      stream,
      (error) => (error === null ? resolve() : reject(error)),
      (progress: Progress) => note(progress),
    );
  });
}

async function imageOf(docker: Docker, name: string): Promise<FoundImage> {
  const { Id: id } = await docker.getImage(name).inspect();
  return { id, extensions: await extensionsIn(docker, id) };
}

/** The engine hands out files of containers only, so one is made; it never starts. */
async function extensionsIn(docker: Docker, image: string): Promise<readonly string[]> {
  const labels = { [ENGINE_LABEL]: 'looks-into-an-image' };
  const container = await docker.createContainer({ Image: image, Cmd: ['-'], Labels: labels });
  try {
    const archive = await container.getArchive({ path: EXTENSIONS });
    return await executablesIn(archive);
  } catch (error) {
    if (statusOf(error) === 404) return [];
    throw error;
  } finally {
    await container.remove({ force: true });
  }
}

function executablesIn(archive: NodeJS.ReadableStream): Promise<readonly string[]> {
  const names: string[] = [];
  return new Promise((resolve, reject) => {
    // Nothing is written: every entry is ignored once it was looked at.
    const reading = extract('/nowhere', {
      ignore: (_name, header) => {
        const [folder, name, ...deeper] = (header?.name ?? '').split('/');
        const isProgram = header?.type === 'symlink' || ((header?.mode ?? 0) & 0o111) !== 0;
        if (folder === 'extensions' && name !== undefined && name !== '' && deeper.length === 0) {
          if (isProgram && header?.type !== 'directory') names.push(name);
        }
        return true;
      },
    });
    reading.once('finish', () => resolve(names.sort()));
    reading.once('error', reject);
    archive.once('error', reject);
    archive.pipe(reading);
  });
}
