// Why the level counter wants the tasks that it wants, in a clause and in figures.

import { SECONDS_PER_HOUR } from '../base/units.ts';
import type { Contender, LevelCounterMemory } from './level-counter-memory.ts';
import type { PlacementReason, PlacementTerms } from './placement.ts';

export function whyLevels(memory: LevelCounterMemory, terms: PlacementTerms): PlacementReason {
  const { contenders, leader, wanted, seen, own, guarded } = memory;
  const contender = contenders[leader] as Contender;
  const { levels, thresholds } = contender;
  const lambdaOnly = contenders.find(({ rule }) => rule.kind === 'never');
  const factor = (level: number) =>
    thresholds.factors?.levels[level] ?? thresholds.factors?.beyond ?? 1;
  const { tasks } = levels;
  const lostUsd = tasks > 0 ? (levels.usd[tasks - 1] ?? 0) : 0;
  const savedUsd = levels.usd[tasks] ?? 0;
  const stopUsd = thresholds.stopUsd * factor(Math.max(0, tasks - 1));
  const startUsd = thresholds.startUsd / factor(tasks);
  const { kind } = contender.rule;
  const figures = {
    tasks: wanted,
    requestsPerSecond: seen.rate,
    filledTasks: seen.rate / terms.taskRate,
    ...(kind === 'counter' ? { savedUsd, startUsd, lostUsd, stopUsd } : {}),
    ownUsd: own.usd,
    lambdaOnlyUsd: lambdaOnly?.account.usd ?? Number.NaN,
  };
  const pays = `${count(tasks)}: ${figure(seen.rate)} requests/s, ${sayPrices(seen.rate, tasks, terms)}`;
  if (fullTaskIsDearer(terms))
    return { text: `${pays}; a full task is dearer than Lambda`, figures };
  if (guarded) return { text: `${pays}; tasks have cost more than they saved`, figures };
  if (kind === 'never') return { text: `${pays}; Lambda alone was the cheapest of late`, figures };
  if (wanted !== tasks) {
    const bound = wanted > tasks ? 'minimum' : 'maximum';
    return { text: `${pays}; the ${bound} is ${wanted}`, figures };
  }
  if (kind === 'sum')
    return { text: `${pays}; each that pays has saved more than it lost of late`, figures };
  const stops = lostUsd > 0 ? `task ${tasks} has lost ${usd(lostUsd)} of ${usd(stopUsd)}` : '';
  const starts =
    savedUsd > 0 ? `task ${tasks + 1} would have saved ${usd(savedUsd)} of ${usd(startUsd)}` : '';
  const parts = [stops && `${stops} at which it stops`, starts && `${starts} at which it starts`];
  const next = parts.filter((part) => part !== '').join(', ');
  const by = `counter: ${contender.rule.name}`;
  return { text: [pays, next, by].filter((part) => part !== '').join('; '), figures };
}

/** What the last task that pays costs, or the first where none does, and what it takes over. */
function sayPrices(rate: number, tasks: number, terms: PlacementTerms): string {
  const last = Math.max(1, tasks);
  const part = within(rate - (last - 1) * terms.taskRate, terms.taskRate);
  const lambda = usd(part * terms.lambdaUsdPerRequest * SECONDS_PER_HOUR);
  const task = usd(terms.taskUsdPerSecond * SECONDS_PER_HOUR);
  const which = last === 1 ? 'its part' : `the part of task ${last}`;
  return tasks === 0
    ? `${lambda} an hour on Lambda now, ${task} a task`
    : `Lambda would take ${lambda} an hour for ${which} now, a task ${task}`;
}

function within(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}

function fullTaskIsDearer(terms: PlacementTerms): boolean {
  return terms.lambdaUsdPerRequest * terms.taskRate <= terms.taskUsdPerSecond;
}

function count(tasks: number): string {
  if (tasks === 0) return 'no task pays';
  return tasks === 1 ? '1 task pays' : `${tasks} tasks pay`;
}

const figure = (value: number): string => String(Number(value.toPrecision(3)));

const usd = (value: number): string => `$${figure(value)}`;
