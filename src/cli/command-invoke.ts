// `fulcrum invoke`: runs a function of the app once. Its answer is the result and goes to standard
// output, also when it is an error; what there is to say about it goes to standard error.

import { resolve } from 'node:path';
import { Fault } from '../base/fault.ts';
import { EXIT } from '../base/fault-entry.ts';
import type { Invoked } from '../ops/invoke.ts';
import { CONFIG_OPTIONS, type Command, choiceOf, JSON_OPTION, printJson } from './command.ts';
import type { Context, Values } from './context.ts';

const TYPES = { request: 'RequestResponse', event: 'Event', 'dry-run': 'DryRun' } as const;

export const invoke: Command = {
  name: 'invoke',
  what: 'Invoke a function of the app that runs, and print its answer.',
  arguments: [{ name: 'function', what: 'Its name, its name on AWS, or its ARN.' }],
  options: [
    ...CONFIG_OPTIONS.slice(0, 1),
    { flags: '--payload <json>', what: 'The event. Default {}.' },
    { flags: '--file <file>', what: 'A file that has the event; - is standard input.' },
    { flags: '-q, --qualifier <name>', what: 'A version or an alias. Default $LATEST.' },
    {
      flags: '--type <type>',
      what: 'Wait for the answer, hand it over as an event that nobody waits for, or only check. Default request.',
      choices: Object.keys(TYPES),
    },
    { flags: '--tail', what: 'Print the last 4 KB of its log to standard error.' },
    JSON_OPTION,
  ],
  examples: [
    `fulcrum invoke hello --payload '{"name":"world"}'`,
    'fulcrum invoke hello --qualifier live --file event.json --tail',
    'cat event.json | fulcrum invoke hello --type event --file -',
  ],
  async run(context, values) {
    const { invokeFunction } = await import('../ops/invoke.ts');
    const stop = new AbortController();
    let code: number = EXIT.interrupted;
    const release = context.onInterrupt((signal) => {
      if (signal === 'SIGTERM') code = EXIT.terminated;
      stop.abort();
    });
    try {
      const options = {
        ...choiceOf(context, values),
        function: values.args[0] ?? '',
        qualifier: values.text('qualifier'),
        payload: await payloadOf(context, values),
        type: TYPES[(values.text('type') ?? 'request') as keyof typeof TYPES],
        tail: values.on('tail'),
      };
      return show(context, values, await invokeFunction(context.machine, options, stop.signal));
    } catch (error) {
      if (stop.signal.aborted) return code;
      throw error;
    } finally {
      release();
    }
  },
};

function show(context: Context, values: Values, invoked: Invoked): number {
  const { failed, payload, log, status, requestId, executedVersion } = invoked;
  if (values.on('json')) {
    const error = failed === undefined ? undefined : failed.toJSON();
    const facts = { status, requestId, executedVersion, payload: jsonOf(payload), log, error };
    printJson(context, { ok: failed === undefined, ...facts });
    return failed?.exitCode ?? EXIT.ok;
  }
  if (log !== undefined) context.err.write(log.endsWith('\n') ? log : `${log}\n`);
  if (status === 200) context.out.write(`${payload}\n`);
  else context.err.write(status === 202 ? `accepted as ${requestId}\n` : 'it can be invoked\n');
  if (failed !== undefined) throw failed;
  return EXIT.ok;
}

/** What is no JSON is shown as the text it is. */
function jsonOf(payload: string): unknown {
  try {
    return payload === '' ? undefined : (JSON.parse(payload) as unknown);
  } catch {
    return payload;
  }
}

async function payloadOf(context: Context, values: Values): Promise<string | undefined> {
  const file = values.text('file');
  const payload = values.text('payload');
  if (file === undefined) return payload;
  if (payload !== undefined) {
    throw new Fault('USAGE', {
      problem: '--payload and --file both say what the event is.',
      fix: 'Use one of them.',
    });
  }
  if (file === '-') return context.readInput();
  const text = context.machine.readText(resolve(context.cwd, file));
  if (text !== undefined) return text;
  throw new Fault('USAGE', {
    problem: `There is no file ${file}.`,
    fix: 'Name a file that has the event as JSON, or - for standard input.',
  });
}
