// `fulcrum redeploy`: replaces the tasks of services by ones of what fulcrum.yml says now.

import { EXIT } from '../base/fault-entry.ts';
import { CONFIG_OPTIONS, type Command, choiceOf, JSON_OPTION, printJson } from './command.ts';
import { eventPrinter } from './render-events.ts';

export const redeploy: Command = {
  name: 'redeploy',
  what: 'Read fulcrum.yml again and replace the tasks of changed services, step by step as ECS does.',
  arguments: [
    {
      name: 'services',
      what: 'Only these services. Default: all that changed.',
      optional: true,
      many: true,
    },
  ],
  options: [
    ...CONFIG_OPTIONS.slice(0, 1),
    { flags: '-f, --force', what: 'Also what has not changed: run what is in its folder now.' },
    { flags: '--no-wait', what: 'Do not wait until the deployments are completed or have failed.' },
    JSON_OPTION,
  ],
  examples: ['fulcrum redeploy', 'fulcrum redeploy api --force', 'fulcrum redeploy --no-wait'],
  async run(context, values) {
    const { redeployApp } = await import('../ops/redeploy.ts');
    const stop = new AbortController();
    let code: number = EXIT.interrupted;
    const release = context.onInterrupt((signal) => {
      if (signal === 'SIGTERM') code = EXIT.terminated;
      stop.abort();
    });
    const json = values.on('json');
    const printer = eventPrinter({ ...context, out: context.err, paint: context.paintErr });
    try {
      const answer = await redeployApp(
        context.machine,
        {
          ...choiceOf(context, values),
          services: values.args,
          force: values.on('force'),
          wait: values.on('wait'),
          answered: ({ started, unchanged, notes }) => {
            for (const { service, revision } of started)
              context.err.write(`${service}: revision ${revision} is being deployed\n`);
            for (const service of unchanged)
              context.err.write(`${service} has not changed; --force deploys it all the same\n`);
            if (started.length + unchanged.length === 0)
              context.err.write('no service has changed; --force deploys them all the same\n');
            if (notes.length > 0)
              context.err.write(
                `changed, and not taken over before "fulcrum dev" starts again: ${notes.join(', ')}\n`,
              );
          },
          listen: (event) => {
            if (!json && event.type !== 'log' && event.type !== 'request') printer.print(event);
          },
        },
        stop.signal,
      );
      if (json) printJson(context, { ok: true, ...answer });
      return EXIT.ok;
    } catch (error) {
      if (stop.signal.aborted) return code;
      throw error;
    } finally {
      release();
    }
  },
};
