// `fulcrum dev`: runs the app until Ctrl-C.

import { Fault } from '../base/fault.ts';
import { EXIT } from '../base/fault-entry.ts';
import type { EngineEvent } from '../model/event.ts';
import { sayAction, sayConditions } from '../model/route.ts';
import type { DevSession } from '../ops/dev.ts';
import { CONFIG_OPTIONS, type Command, choiceOf } from './command.ts';
import type { Context, Values } from './context.ts';
import { eventPrinter } from './render-events.ts';

export const dev: Command = {
  name: 'dev',
  what: 'Run the app on this machine: every service on both its computes, behind one front door.',
  arguments: [],
  options: [
    ...CONFIG_OPTIONS,
    {
      flags: '-p, --port <number>',
      what: 'Port of the front door. Default 4000, or a free one if it is taken; 0 takes a free one.',
    },
    {
      flags: '--policy <name>',
      what: 'Placement policy: how many tasks there are of services on both computes. Default level-counter, which auto is too.',
    },
    {
      flags: '--containers',
      what: 'Run every program in a container of its own, with Docker or Podman, instead of as a process.',
    },
    {
      flags: '--json',
      what: 'Print every event as a line of JSON; the first is {"type":"ready","url":…,"admin":…,"invoke":…}.',
    },
  ],
  examples: [
    'fulcrum dev',
    'fulcrum dev --stage production --port 8080',
    'fulcrum dev --policy lambda-only',
    'fulcrum dev --containers',
    'fulcrum dev --json | jq .type',
  ],
  async run(context, values) {
    const { startDev } = await import('../ops/dev.ts');
    const printer = values.on('json') ? jsonPrinter(context) : humanPrinter(context);
    const stop = stopper(context);
    try {
      const starting = startDev(context.machine, {
        ...choiceOf(context, values),
        port: portOf(values),
        containers: values.on('containers'),
        policy: values.text('policy'),
        listen: printer.print,
        building: (service, line) => context.err.write(`building ${service}: ${line}\n`),
        hurry: stop.hurry,
      });
      const session = await starting.catch((error: unknown) => {
        // What was interrupted while it was built has failed for that, and left nothing running.
        if (!stop.hurry.aborted) throw error;
        return undefined;
      });
      if (!stop.hurry.aborted && session !== undefined) printer.ready(session);
      const signal = await stop.asked;
      await session?.stop(signal, stop.kill);
      return exitOf(signal);
    } finally {
      printer.end();
      stop.release();
    }
  },
};

const exitOf = (signal: 'SIGINT' | 'SIGTERM') =>
  signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;

export function portOf(values: Values): number | undefined {
  const text = values.text('port');
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Fault('USAGE', {
    problem: `--port must be a number from 0 to 65535, was: ${text}`,
    fix: 'Use --port 0 for a free one.',
  });
}

export interface Stopper {
  /** Resolves with the first signal. */
  readonly asked: Promise<'SIGINT' | 'SIGTERM'>;
  /** Aborts with the first. */
  readonly hurry: AbortSignal;
  /** Aborts with the second. */
  readonly kill: AbortSignal;
  release(): void;
}

/** The first Ctrl-C asks to stop, the second ends all patience. */
export function stopper(context: Context): Stopper {
  const hurrying = new AbortController();
  const killing = new AbortController();
  let ask: (signal: 'SIGINT' | 'SIGTERM') => void = () => {};
  const asked = new Promise<'SIGINT' | 'SIGTERM'>((resolve) => {
    ask = resolve;
  });
  let count = 0;
  const release = context.onInterrupt((signal) => {
    count += 1;
    if (count === 1) {
      context.err.write('\nstopping; Ctrl-C again ends everything at once\n');
      ask(signal);
      hurrying.abort();
    } else {
      killing.abort();
    }
  });
  return { asked, hurry: hurrying.signal, kill: killing.signal, release };
}

interface Printer {
  print(event: EngineEvent): void;
  ready(session: DevSession): void;
  end(): void;
}

/** Nothing is printed before the line that says where the app is. */
function jsonPrinter({ out }: Context): Printer {
  let early: EngineEvent[] | undefined = [];
  let dropped = 0;
  const write = (event: EngineEvent): void => {
    if (out.waiting > 16 * 1024 * 1024) {
      dropped += 1;
      return;
    }
    if (dropped > 0) out.write(`${JSON.stringify({ type: 'dropped', count: dropped })}\n`);
    dropped = 0;
    out.write(`${JSON.stringify(event)}\n`);
  };
  return {
    print(event) {
      if (early === undefined) write(event);
      else if (event.type === 'ready') {
        const held = early;
        early = undefined;
        write(event);
        for (const one of held) write(one);
      } else early.push(event);
    },
    ready: () => {},
    end: () => {},
  };
}

function humanPrinter(context: Context): Printer {
  const printer = eventPrinter(context);
  const timer = setInterval(printer.flush, 1000);
  timer.unref();
  return {
    print: printer.print,
    ready(session) {
      context.err.write(`${readyText(session, context)}\n`);
    },
    end() {
      clearInterval(timer);
      printer.flush();
    },
  };
}

/** Whoever trusts the authority once is asked no more. */
function httpsLines({ https }: DevSession): readonly string[] {
  if (https === undefined) return [];
  const { url, authority } = https;
  const trust =
    authority === undefined
      ? []
      : [
          `  ${'trust its certificate'.padEnd(24)}   curl --cacert ${authority}, or NODE_EXTRA_CA_CERTS`,
        ];
  return [`  ${'HTTPS'.padEnd(24)}   ${url}`, ...trust];
}

function sayPrices({ app, engine }: DevSession): string {
  const { asOf, from, known } = engine.status().cost.prices;
  return known ? `${app.region}, ${asOf}, ${from}` : `none of ${app.region} are known`;
}

function readyText(session: DevSession, { paintErr: paint }: Context): string {
  const { app, url, invoke, functionUrls, queueUrl } = session;
  const routes = app.routes.map((route) => {
    const more = sayConditions(route).filter((condition) => !/^(path|host) /.test(condition));
    const matches = [...route.hosts.values, ...route.paths.values, ...more].join(' ') || '*';
    return `  ${matches.padEnd(24)} → ${sayAction(route)}`;
  });
  const queues = app.queues.map(({ name }) => `  queue ${name.padEnd(18)} ${queueUrl(name)}`);
  const stage = app.stage === undefined ? '' : ` (${app.stage})`;
  const where =
    app.routes.length === 0 ? 'runs; no route leads to it' : `answers at ${paint('bold', url)}`;
  return [
    `${paint('bold', app.name)}${stage} ${where}`,
    ...httpsLines(session),
    ...routes,
    ...functionUrls.map((one) => `  ${one.function.padEnd(24)}   has its own URL ${one.url}`),
    ...queues,
    `  ${'Invoke API'.padEnd(24)}   ${invoke}`,
    `  ${'list prices'.padEnd(24)}   ${sayPrices(session)}`,
    paint('dim', '  fulcrum status, fulcrum logs and fulcrum explain tell more; Ctrl-C stops'),
  ].join('\n');
}
