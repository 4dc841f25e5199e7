// How far a command is: one line of a terminal that is drawn over. Nothing where nobody looks.

import { sayDuration } from '../base/units.ts';
import type { TrafficProgress } from '../ops/read-traffic.ts';
import type { SimulateMessage, SimulateOrder } from '../ops/simulate-order.ts';
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

/** What each part takes, about: most policies of the fluid simulator take 1. [wc98_1min.csv, measured] */
const PARTS = { traffic: 0.8, optimum: 0.8, policy: 1, curves: 6 } as const;
/** Those that keep accounts of each level or of many strategies. */
const SLOW: Readonly<Record<string, number>> = { 'level-counter': 6, 'expert-hedge': 10 };
const BAR = 24;

export interface SimulatingOf {
  readonly policies: readonly string[];
  readonly forPage: boolean;
  /** Requests one by one take the same for each policy. */
  readonly fidelity: SimulateOrder['fidelity'];
}

/** Which policy runs, how much of all is done, and how long the rest takes at this pace. */
export function simulatingLine(context: Context) {
  const line = drawnLine(context);
  const { clock } = context.machine;
  const startedAt = clock.now();
  return {
    show(message: SimulateMessage, of: SimulatingOf) {
      if (message.kind !== 'progress') return;
      const { stage, name } = message;
      const part = partOf(message, of);
      const filled = Math.round(part * BAR);
      const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
      const passed = clock.now() - startedAt;
      const left = part < 0.02 ? '' : `, ${sayLeft((passed * (1 - part)) / part)} left`;
      line.draw(`${bar} ${Math.floor(part * 100)} %${left}  ${STAGE_WORDS[stage]}${name}`);
    },
    end: line.clear,
  };
}

/** Of the whole, up to 1. */
function partOf(
  { stage, name, done }: Extract<SimulateMessage, { kind: 'progress' }>,
  { policies, forPage, fidelity }: SimulatingOf,
): number {
  const { traffic, optimum, policy, curves } = PARTS;
  const takes = (one: string) => (fidelity === 'fluid' ? (SLOW[one] ?? policy) : policy);
  const sum = (names: readonly string[]) => names.reduce((all, one) => all + takes(one), 0);
  const begun = traffic + optimum;
  const all = begun + sum(policies) + (forPage ? curves : 0);
  const [before, own] = {
    traffic: [0, traffic],
    optimum: [traffic, optimum],
    policy: [begun + sum(policies.slice(0, Math.max(0, policies.indexOf(name)))), takes(name)],
    curves: [begun + sum(policies), curves],
  }[stage] as [number, number];
  return Math.min(1, (before + done * own) / all);
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
