// Failures of running programs in containers: the engine of the containers, images, what is left over.

import { EXIT, entry, withLines } from './fault-entry.ts';

export const CONTAINER_FAULTS = {
  CONTAINER_ENGINE_MISSING: entry<{ tried: readonly string[] }>({
    blame: 'machine',
    exit: EXIT.dependency,
    when: '"fulcrum dev --containers" finds no Docker and no Podman that answers.',
    say: ({ tried }) => withLines('No container engine answers on this machine.', tried),
    fix: () =>
      'Start Docker, or "podman system service --time=0" (with systemd: "systemctl start podman.socket"), or say with DOCKER_HOST where it is.',
  }),
  DOCKERFILE_NOT_FOUND: entry<{ service: string; file: string }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'A program is to run in a container and has neither an image nor a Dockerfile.',
    say: ({ service, file }) => `"${service}" has no image, and there is no ${file}.`,
    fix: () =>
      'Write a Dockerfile there, name it with "dockerfile", give an "image", or leave out --containers.',
  }),
  IMAGE_BUILD_FAILED: entry<{
    service: string;
    dockerfile: string;
    reason: string;
    lastLines: readonly string[];
  }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The image of a program cannot be built from its Dockerfile.',
    say: ({ service, dockerfile, reason, lastLines }) =>
      withLines(
        `The image of "${service}" cannot be built from ${dockerfile}: ${reason}`,
        lastLines,
      ),
    fix: () => 'Mend what the last lines say. "docker build" in the source folder does the same.',
  }),
  IMAGE_NOT_FOUND: entry<{ service: string; image: string; reason: string }>({
    blame: 'config',
    exit: EXIT.dependency,
    when: 'The image of a program is not here and cannot be pulled.',
    say: ({ service, image, reason }) =>
      `The image ${image} of "${service}" is not here and cannot be pulled: ${reason}.`,
    fix: () =>
      'Correct "image", or pull it yourself first: "docker pull" knows your passwords, Fulcrum does not.',
  }),
  CONTAINERS_LEFT: entry<{ count: number; reason: string }>({
    blame: 'machine',
    exit: EXIT.unexpected,
    when: 'Something of a stopped engine could not be removed from the container engine.',
    say: ({ count, reason }) =>
      `${count} ${count === 1 ? 'container or volume' : 'containers or volumes'} could not be removed: ${reason}.`,
    fix: () => 'Run "fulcrum doctor --clean"; the next "fulcrum dev" does it too.',
  }),
  IMAGES_LEFT: entry<{ count: number; reason: string }>({
    blame: 'machine',
    exit: EXIT.unexpected,
    when: 'An image that was built anew meanwhile could not be removed when the engine stopped.',
    say: ({ count, reason }) =>
      `${count} old ${count === 1 ? 'image' : 'images'} could not be removed: ${reason}.`,
    fix: () =>
      'Run "docker image prune" or "podman image prune", which removes images without a name.',
  }),
};
