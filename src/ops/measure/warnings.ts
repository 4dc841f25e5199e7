// What makes a measurement less sure, in sentences for people.

import type { Millis } from '../../base/units.ts';
import type { LambdaMeasurement, TaskMeasurement } from '../../cost/measure/measurement.ts';
import type { Observed } from './load.ts';

interface Moment {
  readonly at: Millis;
  readonly ownMs: number;
  readonly allMs: number;
}

export interface Circumstances {
  readonly task: TaskMeasurement | null;
  readonly lambda: LambdaMeasurement | null;
  readonly observed: readonly Observed[];
  readonly before: Moment;
  readonly after: Moment;
  /** What the program itself used of the processor under load. */
  readonly programMs: number;
  readonly cores: number;
}

/** Others may use this part of the machine without a word. */
const QUIET = 0.15;

/** Of the requests, the part that may fail without a word. */
const FEW_FAILURES = 0.001;

const FEW_SAMPLES = 100;

export function warningsOf(about: Circumstances): readonly string[] {
  const { task, lambda, observed, cores } = about;
  const warnings: string[] = [];
  const others = othersBusy(about);
  if (others > QUIET * cores) {
    warnings.push(
      `Other programs kept ${others.toFixed(1)} of the ${cores} cores of this machine busy: durations are longer than they need be, processor time less so.`,
    );
  }
  if (task?.method === 'computed' || lambda?.method === 'computed') {
    warnings.push(
      'The processor could not be limited on this machine (control groups; "fulcrum doctor" says why): durations on a smaller one, and what a task carries, are computed from the processor time.',
    );
  }
  if (task?.limitedBy === 'sender') {
    warnings.push(
      'Requests could not be sent as fast as this task may take them: it carries at least what is said, perhaps more.',
    );
  }
  if (task?.limitedBy === 'time') {
    warnings.push('The time was over before the search was: --time 60s looks closer.');
  }
  if (observed.some(({ cpuFrom }) => cpuFrom === 'processes')) {
    warnings.push(
      'Processor time is read from the processes, to 10 ms for each: of requests that take little, give it longer with --time.',
    );
  }
  const total = observed.reduce((sum, one) => sum + one.total, 0);
  const failed = observed.reduce((sum, one) => sum + one.failed, 0);
  if (failed > FEW_FAILURES * total) {
    warnings.push(`${failed} of ${total} requests failed; durations are those of the others.`);
  }
  const samples = Math.min(...[task?.aloneMs, lambda?.ms].map((ms) => ms?.count ?? FEW_SAMPLES));
  if (samples < FEW_SAMPLES) {
    warnings.push(`Some durations are made of ${samples} requests only: --time 60s takes more.`);
  }
  return warnings;
}

/** Cores that neither this process nor the program used, on the average. */
function othersBusy({ before, after, programMs }: Circumstances): number {
  const ownMs = after.ownMs - before.ownMs;
  const othersMs = after.allMs - before.allMs - ownMs - programMs;
  return Math.max(0, othersMs) / Math.max(1, after.at - before.at);
}
