// Runs the check of a container again and again, as ECS does inside the task.

import { sayExit } from '../../base/fault.ts';
import type { Clock } from '../../base/ports.ts';
import { type Millis, sayDuration } from '../../base/units.ts';
import { noteCheck, UNCHECKED } from '../../fleet/ecs/container-health.ts';
import type { ContainerHealth } from '../../model/ecs.ts';
import type { ContainerHealthCheck } from '../../model/fargate.ts';
import type { TaskProcess } from './task-process.ts';

/** The first check comes an interval after the start, the next an interval after the last. */
export async function watchContainer(
  clock: Clock,
  task: Pick<TaskProcess, 'run'>,
  check: ContainerHealthCheck,
  changed: (health: ContainerHealth, why: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = clock.now();
  let checks = UNCHECKED;
  while (!signal.aborted) {
    await clock.sleep(check.intervalMs, signal);
    if (signal.aborted) return;
    const began = clock.now() - startedAt;
    const problem = await problemOf(clock, task, check, signal);
    if (signal.aborted) return;
    const before = checks.health;
    checks = noteCheck(checks, problem === undefined, began, check);
    if (checks.health !== before) changed(checks.health, problem ?? 'its check passed');
  }
}

/** Undefined when the check passed. */
async function problemOf(
  clock: Clock,
  task: Pick<TaskProcess, 'run'>,
  { command, timeoutMs }: ContainerHealthCheck,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { exited, kill, lastLine } = task.run(command);
  signal.addEventListener('abort', kill, { once: true });
  const late = { is: false };
  const stopWaiting = clock.after(timeoutMs, () => {
    late.is = true;
    kill();
  });
  const exit = await exited;
  stopWaiting();
  signal.removeEventListener('abort', kill);
  if (late.is) return sayLate(timeoutMs);
  if ('code' in exit && exit.code === 0) return undefined;
  const said = lastLine();
  return `its check ended with ${sayExit(exit)}${said === '' ? '' : `: ${said}`}`;
}

function sayLate(timeoutMs: Millis): string {
  return `its check took longer than ${sayDuration(timeoutMs)}`;
}
