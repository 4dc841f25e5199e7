// What `fulcrum dev` shows of the stream of events, one line each.

import { sayDuration } from '../base/units.ts';
import type { Compute } from '../model/app.ts';
import type { EngineEvent, InvocationEvent, RequestEvent } from '../model/event.ts';
import type { Context } from './context.ts';
import { sayFargate } from './render-fargate.ts';
import { clockTime, type Output, type Paint, shorten } from './terminal.ts';

/** Request lines shown in a second; the rest are counted. */
const MAX_REQUEST_LINES = 20;

/** A terminal that takes no more than this gets no more, and is told how much it missed. */
const MAX_WAITING_BYTES = 1024 * 1024;

export interface EventPrinter {
  print(event: EngineEvent): void;
  /** Prints what was only counted. */
  flush(): void;
}

export function eventPrinter(context: Context): EventPrinter {
  const { out, err, paint, paintErr } = context;
  const requests = requestLines(out, paint);
  let missed = 0;
  const put = (output: Output, line: string): void => {
    if (output.waiting > MAX_WAITING_BYTES) {
      missed += 1;
      return;
    }
    if (missed > 0)
      output.write(`… ${missed} lines were not shown: the terminal did not keep up\n`);
    missed = 0;
    output.write(`${line}\n`);
  };
  return {
    print(event) {
      switch (event.type) {
        case 'request':
          requests.add({
            at: event.at,
            compute: event.compute,
            failed: event.status >= 500,
            say: () => sayRequest(event, paint),
          });
          return;
        case 'invocation':
          requests.add({
            at: event.at,
            compute: 'lambda',
            failed: event.error !== undefined,
            say: () => sayInvocation(event, paint),
          });
          return;
        case 'log':
          if (event.source === 'program') {
            put(out, `${paint('dim', `${event.service}/${event.compute} │`)} ${event.line}`);
          }
          return;
        default: {
          const line = sayEvent(event, paintErr);
          if (line !== undefined) put(err, line);
        }
      }
    },
    flush: requests.flush,
  };
}

/** One line for everything but requests and logs; undefined for what is said elsewhere. */
function sayEvent(
  event: Exclude<EngineEvent, { type: 'request' | 'invocation' | 'log' }>,
  paint: Paint,
): string | undefined {
  const time = paint('dim', clockTime(event.at));
  switch (event.type) {
    case 'environment': {
      if (event.state === 'starting') return undefined;
      const init = event.initMs === undefined ? '' : ` after ${sayDuration(event.initMs)}`;
      const what = event.state === 'ready' ? `ready${init}` : `ended: ${event.why}`;
      return `${time} ${event.service} ${paint('yellow', 'lambda')}  environment ${event.id.slice(0, 8)} ${what}`;
    }
    case 'task':
    case 'health':
    case 'service':
    case 'deployment':
      return sayFargate(event, paint);
    case 'scale':
      return `${time} ${event.service} ${paint('blue', 'fargate')} ${event.from} → ${event.to} tasks: ${event.reason}`;
    case 'alarm': {
      const colour = event.to === 'ALARM' ? 'red' : event.to === 'OK' ? 'green' : 'yellow';
      return `${time} ${paint('bold', event.name)} ${event.from} → ${paint(colour, event.to)}: ${shorten(event.reason, 200)}`;
    }
    case 'fault': {
      const [what, ...more] = event.fault.message.split('\n');
      const head = `${time} ${paint('red', '✖')} ${what}  ${paint('dim', `[${event.fault.code}]`)}`;
      return [head, ...more, `         ${event.fault.fix}`].join('\n');
    }
    case 'batch': {
      const many = event.messages === 1 ? 'message' : 'messages';
      const failed = event.failed === 0 ? '' : paint('red', `, ${event.failed} failed`);
      const cold = event.cold ? ' cold' : '';
      return `${time} ${event.function} ${paint('yellow', 'lambda')}  ${event.messages} ${many} of ${event.queue} ${sayDuration(event.durationMs)}${cold}${failed}`;
    }
    case 'notice':
      return `${time} ${event.message}`;
    case 'ready':
    case 'stopping':
      return undefined;
  }
}

function sayInvocation(event: InvocationEvent, paint: Paint): string {
  const failed = event.error !== undefined;
  const version = event.version === undefined ? '' : `:${event.version}`;
  const attempt = (event.attempt ?? 1) > 1 ? ` attempt ${event.attempt}` : '';
  return [
    paint('dim', clockTime(event.at)),
    paint(failed ? 'red' : 'green', String(event.status)),
    `${event.how}${attempt}`,
    paint('bold', `${event.function}${version}`),
    `${sayDuration(event.durationMs)}${event.cold ? ' cold' : ''}`,
    paint('dim', event.fault?.message.split('\n')[0] ?? event.error ?? ''),
  ].join(' ');
}

interface RequestLine {
  readonly at: number;
  readonly compute: Compute | undefined;
  readonly failed: boolean;
  say(): string;
}

function requestLines(out: Output, paint: Paint) {
  let second = 0;
  let shown = 0;
  const none = { all: 0, lambda: 0, fargate: 0, failed: 0 };
  let more = { ...none };
  const flush = (): void => {
    if (more.all === 0) return;
    const failed = more.failed === 0 ? '' : `, ${more.failed} failed`;
    const computes = `lambda ${more.lambda}, fargate ${more.fargate}`;
    out.write(`${paint('dim', `… ${more.all} more requests (${computes}${failed})`)}\n`);
    more = { ...none };
  };
  const count = ({ compute, failed }: RequestLine): void => {
    more.all += 1;
    if (compute !== undefined) more[compute] += 1;
    if (failed) more.failed += 1;
  };
  return {
    flush,
    add(line: RequestLine): void {
      const now = Math.floor(line.at / 1000);
      if (now !== second) {
        flush();
        second = now;
        shown = 0;
      }
      if (shown >= MAX_REQUEST_LINES) {
        count(line);
        return;
      }
      shown += 1;
      out.write(`${line.say()}\n`);
    },
  };
}

function sayRequest(event: RequestEvent, paint: Paint): string {
  const status = String(event.status);
  const colour = event.status >= 500 ? 'red' : event.status >= 400 ? 'yellow' : 'green';
  const cold = event.cold ? ' cold' : '';
  const why = event.fault === undefined ? event.reason : event.fault.message.split('\n')[0];
  return [
    paint('dim', clockTime(event.at)),
    paint(colour, status),
    event.method.padEnd(4),
    event.path,
    paint('bold', event.compute ?? 'front door'),
    `${sayDuration(event.durationMs)}${cold}`,
    paint('dim', why ?? ''),
  ].join(' ');
}
