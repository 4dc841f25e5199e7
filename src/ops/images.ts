// Images for the programs of an app, when they run in containers.

import { join } from 'node:path';
import { Fault } from '../base/fault.ts';
import type { FunctionFiles } from '../engine/lambda/function-program.ts';
import type { ProgramImage } from '../engine/program.ts';
import { type Program, programsOf } from '../model/app.ts';
import type { Sources } from './find-app.ts';
import type { Containers, Image, Machine } from './machine.ts';

export interface AppImages {
  /** By the key of the program. */
  readonly programs: ReadonlyMap<string, ProgramImage>;
  /** Of functions: what their images start with, by key. */
  readonly functions: ReadonlyMap<string, FunctionFiles>;
}

export const NO_IMAGES: AppImages = { programs: new Map(), functions: new Map() };

/** Where Lambda looks for extensions in an image. [LDG:runtimes-extensions-api] */
const EXTENSIONS = '/opt/extensions';

interface Named {
  readonly image: Image;
  readonly name: string;
}

export interface ImagesWanted {
  readonly sources: Sources;
  readonly building: (service: string, line: string) => void;
  /** Keys of programs; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Aborted when nobody waits for them any more. */
  readonly stop: AbortSignal | undefined;
}

/** Throws DOCKERFILE_NOT_FOUND, IMAGE_BUILD_FAILED, IMAGE_NOT_FOUND. */
export async function imagesOf(
  machine: Machine,
  containers: Containers,
  { sources, building, only, stop }: ImagesWanted,
): Promise<AppImages> {
  const programs = new Map<string, ProgramImage>();
  const functions = new Map<string, FunctionFiles>();
  // Versions may share a folder; what was built from it is built.
  const known = new Map<string, Promise<Named>>();
  for (const program of programsOf(sources.app)) {
    if (only?.includes(program.key) === false) continue;
    const folder = sources.folders.get(program.key) ?? '';
    const { image: given, dockerfile, command } = program.container;
    const what = given ?? join(folder, dockerfile);
    const made =
      known.get(what) ?? imageOf(machine, containers, { sources, program, folder, building, stop });
    known.set(what, made);
    const { image, name } = await made;
    const says = `${containers.tool} run --rm -e PORT ${name}`;
    programs.set(program.key, { id: image.id, command, says });
    const extensions = image.extensions.map((file) => ({
      name: file,
      path: `${EXTENSIONS}/${file}`,
    }));
    functions.set(program.key, { command: [], extensions });
  }
  return { programs, functions };
}

interface ImageParts {
  readonly sources: Sources;
  readonly program: Program;
  /** Absolute. */
  readonly folder: string;
  readonly building: (service: string, line: string) => void;
  readonly stop: AbortSignal | undefined;
}

async function imageOf(
  machine: Machine,
  containers: Containers,
  { sources, program, folder, building, stop }: ImageParts,
): Promise<Named> {
  const { key } = program;
  const { image, dockerfile } = program.container;
  const onLine = (line: string): void => building(key, line);
  if (image !== undefined) {
    return { image: await containers.find(key, image, onLine, stop), name: image };
  }
  const file = join(folder, dockerfile);
  if (!machine.exists(file)) throw new Fault('DOCKERFILE_NOT_FOUND', { service: key, file });
  const tag = `fulcrum-${sources.app.name}-${key.replace(':', '-')}:dev`;
  building(key, `image ${tag} from ${dockerfile}`);
  const order = { service: key, folder, dockerfile, tag, onLine, stop };
  return { image: await containers.build(order), name: tag };
}
