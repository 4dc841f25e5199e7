// How far a command is: one line of a terminal that is drawn over. Nothing where nobody looks.

import { sayDuration } from '../base/units.ts';
import type { TrafficProgress } from '../ops/read-traffic.ts';
import type { SimulateMessage } from '../ops/simulate-order.ts';
import type { Context } from './context.ts';
import { shorten } from './terminal.ts';

/** A line of standard error; nothing is written where that is no terminal. */
function drawnLine({ err, paintErr }: Context) {
  let drawn = false;
  const clear = () => {
    if (drawn) err.write('\r\u001b[2K');
    drawn = false;
  };
  return {
    draw(text: string) {
      if (!err.isTerminal) return;
      clear();
      err.write(paintErr('dim', shorten(text, Math.max(10, err.columns - 1))));
      drawn = true;
    },
    clear,
  };
}

/** On a terminal one line that is drawn over, while a large file is read. */
export function readingLine(context: Context) {
  const line = drawnLine(context);
  return {
    show(file: string, { bytes, sizeBytes }: TrafficProgress) {
      const part =
        sizeBytes === undefined || sizeBytes === 0
          ? ''
          : `, ${Math.floor((bytes / sizeBytes) * 100)} %`;
      line.draw(`reading ${file}: ${Math.round(bytes / 1e6)} MB${part}`);
    },
    end: line.clear,
  };
}

/** What of the whole each part takes, about. */
const PARTS = { traffic: 0.3, optimum: 0.5, policy: 1, curves: 2 } as const;
const BAR = 24;

/** Which policy runs, how much of all is done, and how long the rest takes at this pace. */
export function simulatingLine(context: Context) {
  const line = drawnLine(context);
  const { clock } = context.machine;
  const startedAt = clock.now();
  return {
    show(message: SimulateMessage, policies: readonly string[], forPage: boolean) {
      if (message.kind !== 'progress') return;
      const { stage, name, done } = message;
      const { traffic, optimum, policy, curves } = PARTS;
      const all = traffic + optimum + policies.length * policy + (forPage ? curves : 0);
      const before = {
        traffic: 0,
        optimum: traffic,
        policy: traffic + optimum + Math.max(0, policies.indexOf(name)) * policy,
        curves: traffic + optimum + policies.length * policy,
      }[stage];
      const part = Math.min(1, (before + done * PARTS[stage]) / all);
      const filled = Math.round(part * BAR);
      const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
      const passed = clock.now() - startedAt;
      const left = part < 0.02 ? '' : `, ${sayLeft((passed * (1 - part)) / part)} left`;
      line.draw(`${bar} ${Math.floor(part * 100)} %${left}  ${STAGE_WORDS[stage]}${name}`);
    },
    end: line.clear,
  };
}

const STAGE_WORDS = {
  traffic: 'reading the traffic',
  optimum: 'the optimum',
  policy: '',
  curves: 'by load: ',
} as const;

function sayLeft(ms: number): string {
  return ms < 1000 ? 'a moment' : sayDuration(Math.round(ms / 1000) * 1000).replace('.0 s', ' s');
}
