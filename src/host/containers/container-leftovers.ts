// What an engine that was killed has left behind in the engine of the containers.

import type Docker from 'dockerode';
import { clientOf } from './connect.ts';
import { ENGINE_LABEL } from './labels.ts';

/** Finds containers and volumes of the engine `id` and, with `end`, removes them. */
export async function leftInContainers(
  endpoint: string,
  id: string,
  end: boolean,
): Promise<readonly string[]> {
  const docker = await clientOf(endpoint);
  const filters = { label: [`${ENGINE_LABEL}=${id}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const { Volumes = [] } = await docker.listVolumes({ filters });
  if (end) {
    for (const { Id } of lastFirst(containers)) {
      await docker.getContainer(Id).remove({ force: true, v: true });
    }
    for (const { Name } of Volumes) await docker.getVolume(Name).remove();
  }
  return containers.map(({ Names: [name = ''] }) => name.replace(/^\//, ''));
}

/** One that shares the network of another goes before it. */
function lastFirst(containers: readonly Docker.ContainerInfo[]): readonly Docker.ContainerInfo[] {
  const joins = ({ HostConfig }: Docker.ContainerInfo): number =>
    HostConfig.NetworkMode?.startsWith('container:') === true ? 0 : 1;
  return [...containers].sort((one, other) => joins(one) - joins(other));
}
