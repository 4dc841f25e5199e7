// Failures of running an app: ports, programs, the engine itself.

import { EXIT, entry, withLines } from './fault-entry.ts';

export const ENGINE_FAULTS = {
  PORT_TAKEN: entry<{ port: number }>({
    blame: 'machine',
    exit: EXIT.conflict,
    when: 'Another program listens on the port asked for.',
    say: ({ port }) => `Port ${port} is taken by another program.`,
    fix: () => 'Choose another with --port, or let one be chosen with --port 0.',
  }),
  PORT_REFUSED: entry<{ port: number; reason: string }>({
    blame: 'machine',
    exit: EXIT.conflict,
    when: 'The machine does not let the front door listen on the port asked for.',
    say: ({ port, reason }) => `Port ${port} cannot be opened: ${reason}.`,
    fix: () => 'Ports below 1024 usually need root. Choose a higher one with --port.',
  }),
  HTTPS_PORT_UNUSABLE: entry<{ port: number; reason: string }>({
    blame: 'machine',
    exit: EXIT.conflict,
    when: 'The port that "entry.https.port" asks for is taken or cannot be opened.',
    say: ({ port, reason }) => `Port ${port} cannot be opened for HTTPS: ${reason}.`,
    fix: () => 'Change "entry.https.port", or remove it so that a free one is taken.',
  }),
  CERTIFICATE_UNUSABLE: entry<{ file: string; reason: string }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'The certificate or the key in "entry.https" cannot be read, or they do not belong together.',
    say: ({ file, reason }) => `The certificate cannot be used: ${file}: ${reason}.`,
    fix: () =>
      'Give both in PEM, the certificate first in its file; or remove "certificate" and "key" and let one be made.',
  }),
  TLS_STORE_UNUSABLE: entry<{ folder: string; reason: string }>({
    blame: 'machine',
    exit: EXIT.conflict,
    when: 'The folder for the certificate of HTTPS cannot be written.',
    say: ({ folder, reason }) => `No certificate can be kept in ${folder}: ${reason}.`,
    fix: () => 'Make the folder writable, or give a certificate of your own in "entry.https".',
  }),
  ACCESS_LOG_UNUSABLE: entry<{ folder: string; reason: string }>({
    blame: 'machine',
    exit: EXIT.conflict,
    when: 'The folder for access logs cannot be written.',
    say: ({ folder, reason }) => `Access logs cannot be written to ${folder}: ${reason}.`,
    fix: () => 'Make the folder writable, or name another in "entry.accessLogs".',
  }),
  ENGINE_RUNNING: entry<{ folder: string; pid: number; url: string }>({
    blame: 'usage',
    exit: EXIT.conflict,
    when: '"fulcrum dev" is started for an app that already runs.',
    say: ({ folder, pid, url }) => `The app in ${folder} already runs at ${url} (process ${pid}).`,
    fix: () => 'Use it, stop it with Ctrl-C where it runs, or name another file with --config.',
  }),
  ENGINE_NOT_RUNNING: entry<{ folder: string }>({
    blame: 'usage',
    exit: EXIT.notFound,
    when: 'A command asks the running engine, and none runs.',
    say: ({ folder }) => `Nothing runs for ${folder}.`,
    fix: () => 'Start it with "fulcrum dev" in another terminal.',
  }),
  ENGINE_UNREACHABLE: entry<{ url: string; reason: string }>({
    blame: 'machine',
    exit: EXIT.timedOut,
    when: 'The engine is recorded as running but does not answer.',
    say: ({ url, reason }) => `The engine at ${url} does not answer: ${reason}.`,
    fix: () => 'If its process hangs, end it and run "fulcrum doctor --clean".',
  }),
  SOURCE_NOT_FOUND: entry<{ service: string; folder: string }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'The folder of a service does not exist.',
    say: ({ service, folder }) => `The source of "${service}" is not a folder: ${folder}.`,
    fix: () => 'Correct "source:"; it is relative to fulcrum.yml.',
  }),
  BUILD_FAILED: entry<{ service: string; command: string; exit: string; output: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The build command of a service fails.',
    say: ({ service, command, exit, output }) =>
      `Building "${service}" ended with ${exit}: ${command}\n${output}`,
    fix: ({ command }) => `Run "${command}" by itself in the source folder and mend what it says.`,
  }),
  APP_EXITED_EARLY: entry<{
    service: string;
    command: string;
    port: number;
    exit: string;
    lastLines: readonly string[];
  }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The program of a service ends before it listens.',
    say: ({ service, command, port, exit, lastLines }) =>
      withLines(
        `${service}: "${command}" ended with ${exit} before it listened on port ${port}.`,
        lastLines,
      ),
    fix: ({ command, port }) => `Run it by itself and read what it prints: PORT=${port} ${command}`,
  }),
  APP_CANNOT_START: entry<{ service: string; command: string; lastLines: readonly string[] }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The program of a task is not there, or is not executable.',
    say: ({ service, command, lastLines }) =>
      withLines(`${service}: "${command}" could not be started.`, lastLines),
    fix: () => 'Correct "command:"; it runs in the folder named by "source:".',
  }),
  APP_NOT_LISTENING: entry<{
    service: string;
    command: string;
    port: number;
    waitedMs: number;
    elsewhere: readonly number[];
    lastLines: readonly string[];
  }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The program of a service does not answer on $PORT in time.',
    say: ({ service, command, port, waitedMs, elsewhere, lastLines }) =>
      withLines(
        `${service}: "${command}" did not answer on port ${port} within ${waitedMs} ms` +
          (elsewhere.length === 0 ? '.' : `; it listens on ${elsewhere.join(', ')} instead.`),
        lastLines,
      ),
    fix: ({ elsewhere }) =>
      elsewhere.length === 0
        ? 'Make the program listen on the port named in $PORT, on 127.0.0.1 or 0.0.0.0.'
        : 'Make the program read its port from $PORT; several copies of it share this machine. In a container "port" can say where it listens.',
  }),
  APP_UNHEALTHY: entry<{ service: string; asked: string; reason: string; failures: number }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A task fails its health check as often as the threshold allows.',
    say: ({ service, asked, reason, failures }) =>
      `${service}: health check ${asked} failed ${failures} times: ${reason}.`,
    fix: () => 'Make the path answer with the status of "health.matcher", or correct "health:".',
  }),
  APP_CRASHED: entry<{ service: string; exit: string; lastLines: readonly string[] }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A running copy of the program ends by itself.',
    say: ({ service, exit, lastLines }) =>
      withLines(`${service}: a running copy ended with ${exit}.`, lastLines),
    fix: () => 'It is replaced. Read its last lines above and in "fulcrum logs".',
  }),
  APP_OUT_OF_MEMORY: entry<{ service: string; compute: string; memoryMiB: number }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A copy of the program goes over the memory of its compute and is killed.',
    say: ({ service, compute, memoryMiB }) =>
      `${service}: a copy on ${compute} went over its ${memoryMiB} MB of memory and was killed.`,
    fix: ({ compute }) => `Raise "${compute}.memory", or find what grows.`,
  }),
};
