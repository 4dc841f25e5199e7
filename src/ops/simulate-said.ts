// What the options of a simulation say of the profile, each held to what it may be.

import { closest } from '../base/closest.ts';
import { Fault } from '../base/fault.ts';
import { MS_PER_SECOND } from '../base/units.ts';
import type { LambdaRuntime } from '../sim/start-up.ts';
import { amountOf, secondsOf } from './simulate-asked.ts';
import type { ProfileSaid } from './simulate-profile.ts';

/** As they are written; undefined: not given. */
export type ProfileTexts = Readonly<
  Record<
    | 'requestsPerTask'
    | 'startDelay'
    | 'billedStart'
    | 'imageSize'
    | 'drain'
    | 'minTasks'
    | 'maxTasks'
    | 'latency'
    | 'threshold'
    | 'runtime'
    | 'packaging'
    | 'init',
    string | undefined
  >
>;

const RUNTIMES: Readonly<Record<LambdaRuntime, true>> = {
  nodejs22: true,
  nodejs24: true,
  'python3.13': true,
  java21: true,
  dotnet8: true,
  go: true,
  rust: true,
};

/** An hour; nothing of a task takes longer. */
const MOST_SECONDS = 3600;
const MOST_TASKS = 100_000;

/** An image of Fargate that is larger would hardly be pulled. Compressed. */
const MOST_IMAGE_MB = 20_000;

/** `soci`: the image has an index of its content. Throws USAGE. */
export function profileSaid(texts: ProfileTexts, soci: boolean): ProfileSaid {
  const time = (
    option: string,
    text: string | undefined,
    [min, max]: readonly [number, number],
    example: string,
  ) => secondsOf(text, { option, min, max, example });
  const tasks = (option: string, text: string | undefined, min: number, fix: string) =>
    amountOf(text, { option, min, max: MOST_TASKS, whole: true, fix });
  const target = time('--latency', texts.latency, [0.001, 900], '200ms or 1.5s');
  const startSeconds = time('--start-delay', texts.startDelay, [0, MOST_SECONDS], '35s or 2m');
  const billedStartSeconds = time('--billed-start', texts.billedStart, [0, MOST_SECONDS], '25s');
  const minTasks = tasks('--min-tasks', texts.minTasks, 0, 'Tasks that run whatever comes, as 2.');
  const maxTasks = tasks('--max-tasks', texts.maxTasks, 1, 'Tasks that run at most, as 50.');
  refuseMoreBilled(startSeconds, billedStartSeconds);
  refuseMoreMin(minTasks, maxTasks);
  return {
    requestsPerTask: amountOf(texts.requestsPerTask, {
      option: '--requests-per-task',
      min: 0.001,
      max: 1e6,
      whole: false,
      fix: 'Requests a second that one task carries within the latency target, as 15.',
    }),
    startSeconds,
    billedStartSeconds,
    minTasks,
    maxTasks,
    drainSeconds: time('--drain', texts.drain, [0, MOST_SECONDS], '30s'),
    targetMs: target === undefined ? undefined : target * MS_PER_SECOND,
    thresholdSeconds: time('--threshold', texts.threshold, [1, 24 * MOST_SECONDS], '60s'),
    image: imageOf(texts, soci),
    runtime: runtimeOf(texts),
  };
}

function refuseMoreBilled(start: number | undefined, billed: number | undefined): void {
  if (start === undefined || billed === undefined || billed <= start) return;
  throw new Fault('USAGE', {
    problem: `--billed-start is a part of --start-delay, was: ${billed}s of ${start}s`,
    fix: 'Give it the time from the pull of the image until the task takes requests.',
  });
}

function refuseMoreMin(min: number | undefined, max: number | undefined): void {
  if (min === undefined || max === undefined || min <= max) return;
  throw new Fault('USAGE', {
    problem: `--min-tasks must be at most --max-tasks, was: ${min} and ${max}`,
    fix: 'Lower the one or raise the other.',
  });
}

function imageOf(
  { imageSize, startDelay, billedStart }: ProfileTexts,
  soci: boolean,
): ProfileSaid['image'] {
  const mb = amountOf(imageSize?.replace(/\s*MB$/i, ''), {
    option: '--image-size',
    min: 1,
    max: MOST_IMAGE_MB,
    whole: false,
    fix: 'Write the compressed size of the image, as 150MB.',
  });
  if (mb === undefined) {
    if (!soci) return undefined;
    throw new Fault('USAGE', {
      problem: '--soci goes with --image-size.',
      fix: 'Say how large the image is, as --image-size 300MB, or leave it out.',
    });
  }
  if (startDelay === undefined && billedStart === undefined) return { mb, soci };
  throw new Fault('USAGE', {
    problem: `--image-size and ${startDelay === undefined ? '--billed-start' : '--start-delay'} each say how long a task takes to start.`,
    fix: 'Use one of them.',
  });
}

function runtimeOf({ runtime, packaging, init }: ProfileTexts): ProfileSaid['runtime'] {
  if (runtime === undefined) {
    if (packaging === undefined) return undefined;
    throw new Fault('USAGE', {
      problem: '--packaging goes with --runtime.',
      fix: 'Name the runtime, as --runtime nodejs24, or leave it out.',
    });
  }
  if (init !== undefined) {
    throw new Fault('USAGE', {
      problem: '--runtime and --init each say what INIT takes.',
      fix: 'Use one of them.',
    });
  }
  const names = Object.keys(RUNTIMES);
  if (!Object.hasOwn(RUNTIMES, runtime)) {
    const near = closest(runtime, names);
    throw new Fault('USAGE', {
      problem: `--runtime must be a runtime that was measured, was: ${runtime}`,
      fix: `${near === undefined ? '' : `Did you mean "${near}"? `}There are: ${names.join(', ')}; or say it with --init.`,
    });
  }
  return { name: runtime as LambdaRuntime, packaging: packaging === 'image' ? 'image' : 'zip' };
}
