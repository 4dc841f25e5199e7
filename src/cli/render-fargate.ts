// What is shown of the tasks and deployments of a service: as they change, and as they are.

import type { StopCode, TaskStatus } from '../model/ecs.ts';
import type { DeploymentEvent, HealthEvent, ServiceEvent, TaskEvent } from '../model/event.ts';
import type { EngineStatus } from '../ops/status.ts';
import { clockTime, type Paint } from './terminal.ts';

type Fargate = NonNullable<EngineStatus['services'][number]['fargate']>;

/** Letters of an id that people are shown. */
const SHOWN = 8;

/** Stopped tasks that are shown; all of them are in the JSON. */
const STOPPED_SHOWN = 3;

/** The others last a moment, or follow from these. */
const SHOWN_STATES = new Set<TaskStatus>(['PENDING', 'RUNNING', 'DEACTIVATING', 'STOPPED']);

/** What the lines about tasks and deployments say already. */
const BOOKKEEPING =
  /registered \d+ targets|begun draining|has started \d+ tasks: [^.]*\.$|has stopped \d+ running|stopped \d+ pending|deployment (completed|failed)|is unhealthy in/;

/** Says the state once more, with nineteen digits. */
const NO_NEWS = /^ECS deployment \S+ (in progress|completed)\.$/;

const newsOf = (why: string): string | undefined => (NO_NEWS.test(why) ? undefined : why);

const isNews = (message: string): boolean => !BOOKKEEPING.test(message);

/** One line; undefined for a step on the way that nobody waits for. */
export function sayFargate(
  event: TaskEvent | HealthEvent | ServiceEvent | DeploymentEvent,
  paint: Paint,
): string | undefined {
  const head = `${paint('dim', clockTime(event.at))} ${event.service} ${paint('blue', 'fargate')}`;
  switch (event.type) {
    case 'task': {
      if (!SHOWN_STATES.has(event.state)) return undefined;
      const spot = event.spot ? ', Spot' : '';
      const where = event.state === 'PENDING' ? ` in ${event.zone}${spot}, ${event.track}` : '';
      return `${head} task ${event.id.slice(0, SHOWN)} ${event.state}${where}: ${whyOf(event)}`;
    }
    case 'health': {
      if (event.state === 'draining') return undefined;
      const colour = event.state.toLowerCase() === 'unhealthy' ? 'red' : 'green';
      const what = event.of === 'target' ? 'target' : 'container';
      const reason = event.reason === undefined ? '' : ` (${event.reason})`;
      return `${head} task ${event.id.slice(0, SHOWN)} ${what} ${paint(colour, event.state)}: ${event.why}${reason}`;
    }
    case 'service':
      return isNews(event.message) ? `${head} ${paint('dim', shortIds(event.message))}` : undefined;
    case 'deployment': {
      const colour = event.state === 'FAILED' ? 'red' : 'green';
      return `${head} revision ${event.revision} ${paint(colour, event.state)}${because(newsOf(event.why))}`;
    }
  }
}

function whyOf({ why, stop, end }: TaskEvent): string {
  if (stop === undefined) return why;
  const exit = end === undefined ? '' : `, exit code ${end.exitCode}`;
  const more = end?.reason === stop.reason ? undefined : end?.reason;
  return `${stop.code}, ${stop.reason}${exit}${because(more)}`;
}

/** Nobody reads 32 digits. */
function shortIds(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{32}\b/g, (id) => id.slice(0, SHOWN));
}

/** Below the lines of the service: deployments, tasks, what stopped, and the last word of ECS. */
export function fargateLines(fargate: Fargate, paint: Paint): readonly string[] {
  const { deployments, tasks, stopped, events } = fargate;
  const last = events.find(({ message }) => isNews(message));
  const moving = deployments.length > 1 || deployments.some(({ rollout }) => rollout !== DONE);
  return [
    ...(moving ? deployments : []).map(
      ({ revision, status, rollout, running, desired, pending, failed, rolloutReason }) =>
        `revision ${revision} ${status} ${rollout}, ${running} of ${desired} running, ${pending} pending, ${failed} failed${noteOf(rolloutReason, paint)}`,
    ),
    ...tasks.map((task) => {
      const { id, state, zone, spot, revision, container, target, inFlight } = task;
      const facts = [zone, ...(spot ? ['Spot'] : []), `revision ${revision}`];
      if (container !== undefined) facts.push(`container ${container}`);
      if (target !== undefined) facts.push(`target ${target.state}${because(target.description)}`);
      if (inFlight > 0) facts.push(`${inFlight} in flight`);
      if (task.stoppedReason !== undefined) facts.push(task.stoppedReason);
      return `task ${id.slice(0, SHOWN)} ${state}, ${facts.join(', ')}`;
    }),
    ...stopped.slice(0, STOPPED_SHOWN).flatMap((task) => {
      const { id, stopCode, stoppedReason, exitCode, reason, lastLines } = task;
      const exit = exitCode === undefined ? '' : `, exit code ${exitCode}`;
      const said = ENDED_BY_ITSELF.has(stopCode) ? lastLines.slice(-3) : [];
      return [
        paint(
          'dim',
          `stopped ${id.slice(0, SHOWN)}: ${stopCode}, ${stoppedReason}${exit}${because(reason === stoppedReason ? undefined : reason)}`,
        ),
        ...said.map((line) => paint('dim', `  | ${line}`)),
      ];
    }),
    ...(last === undefined ? [] : [paint('dim', shortIds(last.message))]),
  ];
}

const DONE = 'COMPLETED';

/** Then its last words are of interest. */
const ENDED_BY_ITSELF = new Set<StopCode | undefined>([
  'TaskFailedToStart',
  'EssentialContainerExited',
]);

function noteOf(reason: string, paint: Paint): string {
  const news = newsOf(reason);
  return news === undefined ? '' : `  ${paint('dim', news)}`;
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason}`;
}
