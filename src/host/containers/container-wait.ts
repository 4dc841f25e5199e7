import type Docker from 'dockerode';
import type { ContainerEngine } from './connect.ts';

/** Podman looks this often whether a container has ended. */
const PODMAN_INTERVAL = '100ms';

/**
 * Resolves with what a container has exited with. Podman before 4.6 keeps more than a core busy while
 * its Docker API waits (containers/podman#18150), so it is asked by its own.
 */
export async function exitCodeOf(
  container: Docker.Container,
  tool: ContainerEngine['tool'],
): Promise<number> {
  if (tool === 'podman') return await podmanExitCode(container);
  const { StatusCode } = (await container.wait()) as { readonly StatusCode: number };
  return StatusCode;
}

function podmanExitCode({ id, modem }: Docker.Container): Promise<number> {
  const call = {
    path: `/v4.0.0/libpod/containers/${id}/wait?`,
    method: 'POST',
    options: { interval: PODMAN_INTERVAL },
    statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
  };
  return new Promise((resolve, reject) => {
    // The client hands over a 0 as its text.
    modem.dial(call, (error: unknown, code: number | string) => {
      if (error) reject(error);
      else resolve(Number(code));
    });
  });
}
