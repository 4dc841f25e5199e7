// What a simulation says in words: the same on a terminal and on a page.

import { SECONDS_PER_DAY, sayDuration, sayUsd } from '../base/units.ts';
import { sayMoney, sayNumber } from './cost-words.ts';
import type { SimulatedPolicy, Simulation } from './simulate-report.ts';

/** What the heads of the table mean. */
export const COLUMNS =
  'The optimum is the least that anybody could have paid; "a million" is the cost of a million requests. "misplaced" are those over the target that Lambda would have served in time. "used" is the part of the billed time of tasks that served.';

/** Less than this is next to nothing. */
const LEAST_USD = 0.0001;

/** Money of a trace, which may be an hour long: three digits of anything small. */
export function sayCost(usd: number): string {
  if (usd > 0 && usd < LEAST_USD) return `<$${LEAST_USD}`;
  return Math.abs(usd) < 1 ? sayUsd(usd) : sayMoney(usd);
}

/** Those that ran to their end, cheapest first. */
export function finished({ policies }: Pick<Simulation, 'policies'>): readonly SimulatedPolicy[] {
  return policies.filter(({ done }) => done === 1).sort((a, b) => a.usd - b.usd);
}

/** "1.047", "12.3": so that a per mille can be told where it matters. */
export function sayRatio(ratio: number | null): string {
  if (ratio === null) return '-';
  return ratio < 10 ? ratio.toFixed(3) : sayNumber(ratio);
}

/** Requests that placement may make late or lose before a policy is no answer. */
const MOST_FAILED = 0.001;

function failedPart({ misplaced, refused, requests }: SimulatedPolicy): number {
  return requests > 0 ? (misplaced + refused) / requests : 0;
}

/** Cheapest first, without those that are cheap because they let requests wait. */
export function answers(report: Pick<Simulation, 'policies'>): readonly SimulatedPolicy[] {
  const done = finished(report);
  const keeping = done.filter((policy) => failedPart(policy) <= MOST_FAILED);
  return keeping.length === 0 ? done : keeping;
}

/** The answer, in one sentence without its point. What is told the trace before is no answer where another is. */
export function verdictOf(report: Simulation): string {
  const all = answers(report);
  const usable = all.filter(({ foresight }) => !foresight);
  const [best, next] = usable.length === 0 ? all : usable;
  if (best === undefined) return 'It was stopped before a policy had come to its end';
  const money = `${sayCost(best.usd)} for ${sayDays(report.trace.days)}`;
  const rest = notesOf(report, all, best);
  if (next === undefined) return [`${best.name} costs ${money}`, ...rest].join('; ');
  const same = sayCost(next.usd) === sayCost(best.usd) ? `, and so is ${next.name}` : '';
  return [`${best.name} is cheapest: ${money}${same}`, ...rest].join('; ');
}

/** What is cheaper and no answer, and what is proposed where another is cheaper; as clauses. */
function notesOf(
  report: Simulation,
  all: readonly SimulatedPolicy[],
  best: SimulatedPolicy,
): readonly string[] {
  const cheaper = (one: SimulatedPolicy | undefined): one is SimulatedPolicy =>
    one !== undefined && one.usd < best.usd && sayCost(one.usd) !== sayCost(best.usd);
  const foreseen = all.find(({ foresight }) => foresight);
  const late = finished(report).find((one) => !all.includes(one));
  const proposed = finished(report).find(({ name }) => name === 'level-counter');
  const dearer = proposed !== undefined && sayCost(proposed.usd) !== sayCost(best.usd);
  return [
    ...(cheaper(foreseen)
      ? [`${foreseen.name}, which knows the trace before, costs ${sayCost(foreseen.usd)}`]
      : []),
    ...(cheaper(late)
      ? [
          `${late.name} costs ${sayCost(late.usd)} and makes ${sayPercent(failedPart(late))} of the requests late`,
        ]
      : []),
    ...(dearer ? [`level-counter costs ${sayCost(proposed.usd)}`] : []),
  ];
}

/** What the best possible would have cost. */
export function optimumWords(report: Simulation): string {
  const { lowerUsd, upperUsd } = report.optimum;
  const [best] = answers(report);
  const [low, high] = [sayCost(lowerUsd), sayCost(upperUsd)];
  const range = low === high ? low : `${low} to ${high}`;
  const over = best?.ratio ?? null;
  const more =
    over === null
      ? ''
      : over < 1.00005
        ? `; ${best?.name} costs no more`
        : `; ${best?.name} costs ${sayPercent(over - 1)} more than the least of it`;
  return `Whoever had known all of the traffic before would have paid ${range}${more}.`;
}

/** From where on a task pays, and whether it ever does. */
export function breakEvenWords({ breakEven, profile, trace }: Simulation): string {
  const { requestsPerSecond, reachable } = breakEven;
  const { taskRate, taskUsdPerHour } = profile.fargate;
  const price = `a task costs ${sayUsd(taskUsdPerHour)} an hour, as much as ${sayNumber(requestsPerSecond)} requests a second on Lambda`;
  if (!reachable) {
    return `A task never pays here: ${price}, and it carries ${sayNumber(taskRate)}.`;
  }
  return `Break-even: ${price}; it carries ${sayNumber(taskRate)}, and ${sayNumber(trace.meanRate)} come on the average.`;
}

/** "4.6 %", "0.02 %". */
function sayPercent(share: number): string {
  return `${sayNumber(Number((share * 100).toPrecision(2)))} %`;
}

/** "7 days", "12.5 h". */
export function sayDays(days: number): string {
  if (days >= 2) return `${sayNumber(days)} days`;
  const hours = days * 24;
  if (hours >= 2) return `${sayNumber(hours)} h`;
  const minutes = hours * 60;
  return minutes >= 2 ? `${sayNumber(minutes)} min` : `${sayNumber(minutes * 60)} s`;
}

/** "35 s", "5 min", "1.5 s". */
export function saySeconds(seconds: number): string {
  return seconds >= 60 ? sayDuration(seconds * 1000) : `${sayNumber(seconds)} s`;
}

/** "WITS.csv: 45,000 requests in 12.5 h, 10.2 a second, at its busiest 43". */
export function traceWords({ trace }: Simulation): string {
  const { name, requests, days, meanRate, peakRate, stepSeconds, gaps, gapSeconds } = trace;
  const step = stepSeconds === 1 ? 'second' : saySeconds(stepSeconds);
  const missing =
    gaps === 0 ? '' : `; ${sayDays(gapSeconds / SECONDS_PER_DAY)} are missing and left out`;
  return `${name}: ${sayNumber(Math.round(requests))} requests in ${sayDays(days)}, ${sayNumber(meanRate)} a second, ${sayNumber(peakRate)} in the busiest ${step}${missing}`;
}

/** What a reader should know before believing a figure, as sentences. */
export function warningsOf(report: Simulation): readonly string[] {
  const { profile, trace, policies } = report;
  const { lambda, fargate, targetMs } = profile;
  const [onLambda, onFargate] = [lambda.duration.medianMs, fargate.duration.medianMs];
  const needed = Math.ceil(trace.peakRate / fargate.taskRate);
  const foreseen = policies.filter(({ foresight }) => foresight).map(({ name }) => name);
  const refused = policies.filter(({ refused: count }) => count >= 1);
  return [
    ...(Math.min(onLambda, onFargate) > targetMs
      ? [
          `No compute meets the latency target of ${sayNumber(targetMs)} ms: half of the requests take more than ${sayNumber(onLambda)} ms on Lambda and ${sayNumber(onFargate)} ms in a task. Nearly all count as over it, whoever serves.`,
        ]
      : []),
    ...(onFargate > targetMs && onLambda <= targetMs
      ? [
          `A task does not meet the latency target of ${sayNumber(targetMs)} ms: half of the requests take more than ${sayNumber(onFargate)} ms there. Policies that place by the target leave them to Lambda.`,
        ]
      : []),
    ...(needed > fargate.maxTasks
      ? [
          `The busiest moment would fill ${sayNumber(needed)} tasks, and ${sayNumber(fargate.maxTasks)} may run${profile.from['fargate.maxTasks']?.from === 'file' ? ` (tasks.max in ${profile.from['fargate.maxTasks']?.source})` : ''}; --max-tasks lets more run.`,
        ]
      : []),
    ...(trace.stepSeconds > 60
      ? [
          `Counts of ${saySeconds(trace.stepSeconds)} hide what happens within: they are spread evenly, and bursts cost more than is said here.`,
        ]
      : []),
    ...(foreseen.length > 0
      ? [
          `${foreseen.join(' and ')} ${foreseen.length === 1 ? 'was' : 'were'} sized with the whole trace known, as nobody can be.`,
        ]
      : []),
    ...refused.map(
      ({ name, refused: count }) =>
        `${name}: ${Math.round(count) === 1 ? 'a request was' : `${sayNumber(Math.round(count))} requests were`} refused, by the limits of Lambda or by waiting too long for a task: what they would have cost is missing.`,
    ),
  ];
}
