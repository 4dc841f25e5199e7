// Images that had the name of one that was built since. A revision may still run them, and a rollback
// goes back to them, so they stay as long as the engine does and go with it.

import type Docker from 'dockerode';
import { reasonOf, statusOf } from './connect.ts';

/** It has gone, or a container that is not ours needs it: then it is no longer ours to remove. */
const NOT_OURS = new Set([404, 409]);

export class OldImages {
  readonly #docker: Docker;
  readonly #ids = new Set<string>();

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  /** Runs a build that gives the name `tag` away. */
  async around<Built>(tag: string, build: () => Promise<Built>): Promise<Built> {
    const before = await this.#look(tag);
    const built = await build();
    if (before !== undefined) this.#ids.add(before.Id);
    return built;
  }

  /** Removes those that nobody gave a name since; returns why some could not be. */
  async remove(): Promise<readonly string[]> {
    const failures: string[] = [];
    for (const id of this.#ids) {
      try {
        const found = await this.#look(id);
        // One that has a name would lose it.
        if (found === undefined || (found.RepoTags ?? []).length > 0) continue;
        await this.#docker.getImage(id).remove();
      } catch (error) {
        if (!NOT_OURS.has(statusOf(error) ?? 0)) failures.push(reasonOf(error));
      }
    }
    this.#ids.clear();
    return failures;
  }

  async #look(name: string): Promise<Docker.ImageInspectInfo | undefined> {
    try {
      return await this.#docker.getImage(name).inspect();
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }
}
