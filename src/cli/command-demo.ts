// `fulcrum demo`: shows one program on both computes under made traffic.

import { join } from 'node:path';
import { EXIT } from '../base/fault-entry.ts';
import type { DemoFrame } from '../ops/demo.ts';
import { type Command, printJson } from './command.ts';
import { portOf, stopper } from './command-dev.ts';
import type { Context } from './context.ts';
import { frameText, introText, PHASE_TEXT, summaryText } from './render-demo.ts';

export const demo: Command = {
  name: 'demo',
  what: 'Watch one program on both computes: a quiet minute, a burst, silence. No AWS, no Docker.',
  arguments: [],
  options: [
    {
      flags: '-p, --port <number>',
      what: 'Port of the front door. Default 4000, or a free one if it is taken.',
    },
    { flags: '--stay', what: 'Keep it running afterwards, to play with.' },
    { flags: '--json', what: 'Print the summary as JSON.' },
  ],
  examples: ['fulcrum demo', 'fulcrum demo --stay'],
  async run(context, values) {
    const { startDemo } = await import('../ops/demo.ts');
    const stop = stopper(context);
    const traffic = new AbortController();
    void stop.asked.then(() => traffic.abort());
    const json = values.on('json');
    const view = json ? undefined : liveView(context);
    const stateFolder = context.temporaryFolder();
    const { session, summary } = await startDemo(context.machine, {
      folder: join(context.packageFolder, 'examples', 'demo-api'),
      stateFolder,
      port: portOf(values),
      phase(phase, { engine }) {
        if (phase === 'quiet') view?.line(introText(engine.status(), context.paint));
        view?.line(`\n${context.paint('bold', PHASE_TEXT[phase])}`);
      },
      frame: (frame) => view?.frame(frame),
      listen: (event) => {
        if (event.type === 'fault') context.err.write(`${event.fault.message}\n`);
      },
      signal: traffic.signal,
    });
    try {
      const told = await summary;
      if (json) printJson(context, told);
      else context.out.write(summaryText(told, context.paint));
      const interrupted = traffic.signal.aborted;
      if (values.on('stay') && !interrupted) await stay(context, session.url, stop.asked);
      return interrupted ? EXIT.interrupted : told.errors === 0 ? EXIT.ok : EXIT.unexpected;
    } finally {
      await session.stop('the demo is over', stop.kill);
      context.machine.removeFolder(stateFolder);
      stop.release();
    }
  },
};

async function stay(context: Context, url: string, asked: Promise<unknown>): Promise<void> {
  context.out.write(
    `\nIt stays at ${context.paint('bold', url)} until Ctrl-C. Try:\n` +
      `  curl -i ${url}/hello\n  curl -i ${url}/lambda/hello\n  curl -i -H 'x-fulcrum-force: fargate' ${url}/hello\n`,
  );
  await asked;
}

/** On a terminal the last line is drawn over; elsewhere one line a second. */
function liveView({ out, paint }: Context) {
  let open = false;
  let frames = 0;
  return {
    line(text: string): void {
      if (open) out.write('\n');
      open = false;
      out.write(`${text}\n`);
    },
    frame(frame: DemoFrame): void {
      frames += 1;
      const text = frameText(frame, paint);
      if (out.isTerminal) {
        out.write(`${open ? '\r\u001b[2K' : ''}${text}`);
        open = true;
      } else if (frames % 2 === 0) {
        out.write(`${text}\n`);
      }
    },
  };
}
