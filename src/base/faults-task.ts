// Failures around the tasks of a running app: deployments, and what is asked of one task or zone.

import { EXIT, entry } from './fault-entry.ts';

export const TASK_FAULTS = {
  DEPLOYMENT_FAILED: entry<{
    service: string;
    revision: number;
    reason: string;
    /** The revision that takes over again. */
    back: number | undefined;
  }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A deployment that "fulcrum redeploy" started fails.',
    say: ({ service, revision, reason, back }) => {
      const instead = back === undefined ? '' : `, and revision ${back} takes over again`;
      return `${service}: the deployment of revision ${revision} failed${instead}: ${reason}`;
    },
    fix: () =>
      '"fulcrum status" has the tasks that stopped and why, "fulcrum logs" what they said. Mend the program and run "fulcrum redeploy" again, with --force if fulcrum.yml stays as it is.',
  }),
  TASK_START_BROKEN: entry<{ service: string; what: string }>({
    blame: 'machine',
    exit: EXIT.unexpected,
    when: 'A task cannot be started for a reason that is not its program: no space, no port, no container.',
    say: ({ service, what }) => `A task of "${service}" could not be started: ${what}.`,
    fix: () => 'Mend what it names; the next try follows by itself, later each time.',
  }),
  NOT_ON_FARGATE: entry<{ service: string }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '"fulcrum redeploy" names a service without "fargate:".',
    say: ({ service }) => `"${service}" does not run on Fargate, so nothing can be deployed.`,
    fix: () => 'Name a service with a "fargate:" block.',
  }),
  RELOAD_REFUSED: entry<{ what: string }>({
    blame: 'usage',
    exit: EXIT.conflict,
    when: '"fulcrum redeploy" finds a service in fulcrum.yml that was not there, not on Fargate, or of another protocol when the engine started.',
    say: ({ what }) => `A running engine cannot take this over: ${what}.`,
    fix: () => 'Stop "fulcrum dev" and start it again.',
  }),
  TASK_UNKNOWN: entry<{ task: string; near: string | undefined; known: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.notFound,
    when: '"fulcrum fail" names a task that does not run.',
    say: ({ task }) => `No task runs whose id begins with "${task}".`,
    fix: ({ near, known }) => {
      if (known.length === 0) return 'No task runs at all; "fulcrum status" says why.';
      const all = `These run: ${known.join(', ')}.`;
      return near === undefined ? all : `Did you mean ${near}? ${all}`;
    },
  }),
  TASK_AMBIGUOUS: entry<{ task: string; known: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '"fulcrum fail" names the beginning of several tasks.',
    say: ({ task }) => `More than one task begins with "${task}".`,
    fix: ({ known }) => `Write more of it: ${known.join(', ')}.`,
  }),
  TASK_NOT_SPOT: entry<{ task: string | undefined }>({
    blame: 'usage',
    exit: EXIT.notFound,
    when: '"fulcrum fail spot" finds no task on Fargate Spot.',
    say: ({ task }) =>
      task === undefined ? 'No task runs on Fargate Spot.' : `Task ${task} does not run on Spot.`,
    fix: () => 'Give a service "fargate.spot", the percentage of its tasks on Spot.',
  }),
  TASK_NOT_STARTED: entry<{ task: string; status: string }>({
    blame: 'usage',
    exit: EXIT.conflict,
    when: '"fulcrum fail task" is to kill or hang a program that has not started.',
    say: ({ task, status }) => `Task ${task} is ${status}: its program does not run.`,
    fix: () => 'Wait until it runs, or stop it with --how stop.',
  }),
  ZONE_UNKNOWN: entry<{ zone: string; near: string | undefined; known: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.notFound,
    when: '"fulcrum fail zone" names a zone that the app does not use.',
    say: ({ zone }) => `The app has no zone "${zone}".`,
    fix: ({ near, known }) =>
      `${near === undefined ? '' : `Did you mean ${near}? `}Its zones are: ${known.join(', ')}.`,
  }),
  APP_STORAGE_FULL: entry<{ service: string; task: string; usedMiB: number; limitGiB: number }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The temporary files of a task are larger than its storage. It goes on; on AWS its writes fail.',
    say: ({ service, task, usedMiB, limitGiB }) =>
      `${service}: task ${task} has ${usedMiB} MB of temporary files; its storage is ${limitGiB} GB. On Fargate its writes fail now (ENOSPC).`,
    fix: () => 'Raise "fargate.ephemeral" (200 GB at most), or find what grows in $TMPDIR.',
  }),
};
