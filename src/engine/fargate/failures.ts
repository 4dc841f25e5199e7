// Failures done to a running app on purpose: to one task, to what runs on Spot, to a whole zone.

import { closest } from '../../base/closest.ts';
import { Fault } from '../../base/fault.ts';
import type { EcsTask } from '../../fleet/ecs/scheduler.ts';
import type { FargateTrack } from './fargate-track.ts';
import type { TaskProcess } from './task-process.ts';

export type Failure =
  | {
      readonly kind: 'task';
      /** The id, or how it begins. */
      readonly task: string;
      readonly how: 'kill' | 'stop' | 'hang';
    }
  /** Without a task, all that run on Spot. */
  | { readonly kind: 'spot'; readonly task: string | undefined }
  | { readonly kind: 'zone'; readonly zone: string; readonly back: boolean };

interface Found {
  readonly service: string;
  readonly track: FargateTrack;
  readonly task: EcsTask;
}

/** Letters of an id that people are shown. */
const SHOWN = 8;

/**
 * Does it, and says what was done, a line each. Throws TASK_UNKNOWN, TASK_AMBIGUOUS, TASK_NOT_SPOT,
 * TASK_NOT_STARTED, ZONE_UNKNOWN; then nothing was done.
 */
export function fail(
  tracks: ReadonlyMap<string, FargateTrack>,
  zones: readonly string[],
  failure: Failure,
): readonly string[] {
  switch (failure.kind) {
    case 'task':
      return [failTask(findTask(tracks, failure.task), failure.how)];
    case 'spot':
      return failSpot(tracks, failure.task);
    case 'zone':
      return failZone(tracks, zones, failure.zone, failure.back);
  }
}

function failTask({ service, track, task }: Found, how: 'kill' | 'stop' | 'hang'): string {
  const name = `${service}: task ${task.id.slice(0, SHOWN)}`;
  if (how === 'stop') {
    track.stopTask(task.id, 'Task stopped by user');
    return `${name} is stopped as with StopTask`;
  }
  const process = processOf(track, task);
  if (how === 'kill') {
    process.kill();
    return `${name} got SIGKILL`;
  }
  process.hang();
  return `${name} hangs: it takes connections and answers nothing`;
}

function processOf(track: FargateTrack, { id, status }: EcsTask): TaskProcess {
  const process = track.process(id);
  if (process !== undefined) return process;
  throw new Fault('TASK_NOT_STARTED', { task: id.slice(0, SHOWN), status });
}

function failSpot(
  tracks: ReadonlyMap<string, FargateTrack>,
  named: string | undefined,
): readonly string[] {
  const found =
    named === undefined
      ? all(tracks).filter(({ task }) => task.spot && task.stop === undefined)
      : [findTask(tracks, named)];
  if (found.length === 0 || found.some(({ task }) => !task.spot)) {
    throw new Fault('TASK_NOT_SPOT', { task: found[0]?.task.id.slice(0, SHOWN) });
  }
  return found.map(({ service, track, task }) => {
    track.interruptSpot(task.id);
    return `${service}: task ${task.id.slice(0, SHOWN)} is taken back by Spot`;
  });
}

function failZone(
  tracks: ReadonlyMap<string, FargateTrack>,
  zones: readonly string[],
  zone: string,
  back: boolean,
): readonly string[] {
  if (!zones.includes(zone)) {
    throw new Fault('ZONE_UNKNOWN', { zone, near: closest(zone, zones), known: zones });
  }
  const lost = back ? [] : all(tracks).filter(({ task }) => task.zone === zone);
  for (const track of tracks.values()) {
    if (back) track.restoreZone(zone);
    else track.loseZone(zone);
  }
  if (back) return [`zone ${zone} is back`];
  return [`zone ${zone} is lost, with ${lost.length} ${lost.length === 1 ? 'task' : 'tasks'}`];
}

function all(tracks: ReadonlyMap<string, FargateTrack>): readonly Found[] {
  return [...tracks].flatMap(([service, track]) =>
    track.tasks().map((task) => ({ service, track, task })),
  );
}

function findTask(tracks: ReadonlyMap<string, FargateTrack>, named: string): Found {
  const running = all(tracks);
  const found = running.filter(({ task }) => task.id.startsWith(named));
  const [first] = found;
  if (found.length === 1 && first !== undefined) return first;
  const shown = (some: readonly Found[]) => some.map(({ task }) => task.id.slice(0, SHOWN));
  if (found.length > 1) {
    throw new Fault('TASK_AMBIGUOUS', { task: named, known: found.map(({ task }) => task.id) });
  }
  const known = shown(running);
  const near = closest(named.slice(0, SHOWN), known);
  throw new Fault('TASK_UNKNOWN', { task: named, near, known });
}
