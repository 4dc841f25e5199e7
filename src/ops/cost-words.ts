// What a comparison says in words and figures: the same on a terminal, in Markdown and on a page.

import type {
  AssumptionLine,
  BreakEven,
  Comparison,
  CostLine,
  Mix,
  MixCost,
} from '../cost/compare/comparison.ts';

export const MIXES: readonly Mix[] = ['lambda', 'fargate', 'hybrid'];

export const MIX_WORDS: Readonly<Record<Mix, string>> = {
  lambda: 'Lambda alone',
  fargate: 'Fargate alone',
  hybrid: 'a mix of both',
};

const MONTH_PLACES = 2;

/** "$9.21", "$1,632.40", "$0.0042", "−$3.00": money of a month. */
export function sayMoney(usd: number): string {
  if (usd === 0) return '$0';
  const size = Math.abs(usd);
  const places =
    size >= 100_000
      ? 0
      : size >= 0.01
        ? MONTH_PLACES
        : Math.min(12, 1 - Math.floor(Math.log10(size)));
  const text = size.toLocaleString('en-US', {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  });
  return `${usd < 0 ? '−' : ''}$${text}`;
}

/** Money that is not known is said so. */
export function sayMoneyOr(usd: number | null): string {
  return usd === null ? 'unknown' : sayMoney(usd);
}

/** "100,000", "0.25", "3.4": whole when large, three digits when small. */
export function sayNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toPrecision(2);
  const size = Math.abs(value);
  const places = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', { maximumFractionDigits: places });
}

/** "3.04 M", "455,558": for a line of text. */
export function sayMany(value: number): string {
  if (value < 1e6) return sayNumber(value < 100 ? value : Math.round(value));
  const [size, unit] = value < 1e9 ? [1e6, 'M'] : [1e9, 'billion'];
  return `${(value / size).toLocaleString('en-US', { maximumSignificantDigits: 3, maximumFractionDigits: 2 })} ${unit}`;
}

/** "38 %", "0.4 %". */
function sayShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : percent.toFixed(1)} %`;
}

export interface Ranked {
  readonly mix: Mix;
  readonly cost: MixCost;
}

/** Those that the app can run as, cheapest first; of equals, the simpler one first. */
export function ranked({ computes }: Pick<Comparison, 'computes'>): readonly Ranked[] {
  return MIXES.flatMap((mix) => {
    const cost = computes[mix];
    return cost === null ? [] : [{ mix, cost }];
  }).sort((a, b) => a.cost.monthlyUsd - b.cost.monthlyUsd);
}

/** The answer, in one sentence without its point. */
export function verdictOf(comparison: Comparison): string {
  const [best, next] = ranked(comparison);
  if (best === undefined) return 'This app can run on neither Lambda nor Fargate';
  const word = upper(MIX_WORDS[best.mix]);
  const money = `${sayMoney(best.cost.monthlyUsd)} a month`;
  const crossing = crossingWords(comparison, best.mix);
  if (next === undefined) {
    const least = best.cost.unknown.length > 0 ? 'at least ' : '';
    return `${word} costs ${least}${money}`;
  }
  if (best.cost.unknown.length > 0) {
    return `Which is cheapest is not known: there is no price for ${best.cost.unknown.join(', ')}`;
  }
  const equal = next.cost.monthlyUsd === best.cost.monthlyUsd;
  const beside = equal && next.mix !== 'hybrid' ? `, and so does ${MIX_WORDS[next.mix]}` : '';
  return `${word} is cheapest: ${money}${beside}${crossing === '' ? '' : `; ${crossing}`}`;
}

function crossingWords({ breakEven, computes }: Comparison, best: Mix): string {
  if (breakEven === null) return '';
  const { firstRequestsPerDay: first, holdsFromRequestsPerDay: holds, never } = breakEven;
  if (first === null) return never === null ? '' : 'Fargate alone never pays';
  const { lambda, fargate } = computes;
  const pays = lambda !== null && fargate !== null && fargate.monthlyUsd <= lambda.monthlyUsd;
  if (pays && best !== 'lambda')
    return `Lambda alone is cheaper below ${sayNumber(first)} requests a day`;
  if (holds === null) return `Fargate pays at times from ${sayNumber(first)} requests a day`;
  return `Fargate pays from ${sayNumber(first)} requests a day`;
}

/** Break-even in whole sentences. */
export function breakEvenWords(comparison: Comparison): readonly string[] {
  const { breakEven, notApplicable } = comparison;
  if (breakEven === null) return [sentence(notApplicable.breakEven ?? 'it does not apply')];
  const { firstRequestsPerDay: first, entry, never } = breakEven;
  const ways = `Lambda is reached through ${entryWords(entry.lambda)}, Fargate through ${entryWords(entry.fargate)}.`;
  if (first === null) return [sentence(never ?? 'Fargate alone never costs less'), ways];
  const { averageConcurrency, tasksAtFirst } = breakEven;
  const busy =
    averageConcurrency === null
      ? ''
      : `, which keep ${sayNumber(averageConcurrency)} environments busy on the average`;
  const tasks = tasksAtFirst === null ? '' : ` It runs ${sayTasks(tasksAtFirst)} then.`;
  return [
    `From ${sayNumber(first)} requests a day${busy}, Fargate alone costs no more than Lambda alone.${tasks}`,
    ...lastingWords(breakEven),
    ways,
  ];
}

function lastingWords(breakEven: BreakEven): readonly string[] {
  const { firstRequestsPerDay: first, holdsFromRequestsPerDay: holds, band, never } = breakEven;
  if (holds === null) return never === null ? [] : [sentence(never)];
  if (holds === first) return ['With more it never costs more again.'];
  const changes =
    band === null
      ? ''
      : `Between ${sayNumber(band.fromRequestsPerDay)} and ${sayNumber(holds)} it changes with each task that is added. `;
  return [`${changes}From ${sayNumber(holds)} requests a day on it never costs more again.`];
}

const ENTRY_WORDS: Readonly<Record<string, string>> = {
  none: 'nothing that is billed',
  alb: 'a load balancer',
  'http-api': 'an HTTP API',
  'rest-api': 'a REST API',
  'function-url': 'a function URL',
};

export function entryWords(entry: string): string {
  return ENTRY_WORDS[entry] ?? entry;
}

/** "1 task", "2.4 tasks". */
function sayTasks(count: number): string {
  return `${sayNumber(count)} ${count === 1 ? 'task' : 'tasks'}`;
}

/** Tasks at the mean, and at the peak where that is more: "1.4 to 3"; "-" where there is none. */
export function tasksWords({ tasks }: MixCost): string {
  if (tasks.peak === 0) return '-';
  return tasks.peak === tasks.mean
    ? sayNumber(tasks.mean)
    : `${sayNumber(tasks.mean)} to ${sayNumber(tasks.peak)}`;
}

export function rangeWords({ range, unknown }: MixCost): string {
  if (unknown.length > 0) return 'unknown';
  return range.lowUsd === range.highUsd
    ? 'certain'
    : `${sayMoney(range.lowUsd)} to ${sayMoney(range.highUsd)}`;
}

/** "shop in eu-west-2: 100,000 requests a day (3.04 M a month), flat". */
export function workloadWords({ app, region, workload }: Comparison): string {
  const { requestsPerDay, requestsPerMonth, shape, peakOverAverage } = workload;
  const peak =
    peakOverAverage > 1.005 ? `, at its busiest ${sayNumber(peakOverAverage)} times the mean` : '';
  return `${app} in ${region}: ${sayNumber(requestsPerDay)} requests a day (${sayMany(requestsPerMonth)} a month), ${shape}${peak}`;
}

/** The day of the prices, and what is free. */
export function priceWords({ pricesAsOf, freeTier }: Comparison): string {
  const free = {
    none: 'without the free tier',
    always: 'with what is always free',
    legacy: 'with the free tier of accounts opened before 2025-07-15',
  }[freeTier];
  return `Prices of ${pricesAsOf}, ${free}, without tax.`;
}

/** Whether the cheapest could lose to the next one within their ranges; undefined: it could not. */
export function doubtOf(comparison: Comparison): string | undefined {
  const [best, next] = ranked(comparison);
  if (best === undefined || next === undefined) return undefined;
  if (best.cost.unknown.length + next.cost.unknown.length > 0) return undefined;
  const pair = [best.mix, next.mix];
  // A mix that leans on one of the two is not another answer.
  if (pair.includes('hybrid')) {
    const [lambda, fargate] = [comparison.computes.lambda, comparison.computes.fargate];
    if (lambda === null || fargate === null) return undefined;
    return lambda.range.lowUsd <= fargate.range.highUsd &&
      fargate.range.lowUsd <= lambda.range.highUsd
      ? DOUBT
      : undefined;
  }
  return next.cost.range.lowUsd <= best.cost.range.highUsd ? DOUBT : undefined;
}

const DOUBT = 'The ranges of Lambda and Fargate overlap: measure before you decide.';

const SERVICE_WORDS: Readonly<Record<string, string>> = {
  lambda: 'Lambda',
  fargate: 'Fargate',
  alb: 'load balancer',
  apigateway: 'API Gateway',
  nat: 'NAT gateway',
  ipv4: 'public IPv4',
  cloudwatch: 'CloudWatch',
  dataTransfer: 'data transfer',
  rds: 'RDS',
  rdsProxy: 'RDS Proxy',
  elasticache: 'ElastiCache',
  sqs: 'SQS',
  s3: 'S3',
  ecr: 'ECR',
  secretsmanager: 'Secrets Manager',
  ssm: 'Parameter Store',
  kms: 'KMS',
  cloudfront: 'CloudFront',
};

const ITEM_WORDS: Readonly<Record<string, string>> = {
  'alb.hour': 'load balancer hours',
  'alb.lcuHour': 'load balancer LCU-hours',
  'ipv4.addressHour': 'public IPv4 hours',
  'nat.hour': 'NAT gateway hours',
};

/** "load balancer LCU-hours": an item of the price book for people. */
export function itemWords(item: string, unit: string): string {
  const whole = ITEM_WORDS[item];
  if (whole !== undefined) return whole;
  const [service = item] = item.split('.');
  const word = SERVICE_WORDS[service];
  const arm = item.includes('.arm64.') ? ' (arm64)' : '';
  return word === undefined ? item : `${word} ${plural(unit)}${arm}`;
}

/** "CloudWatch GB", "Lambda requests". */
function plural(unit: string): string {
  return /^(GB|MAU)$|s$|\)$/.test(unit) ? unit : `${unit}s`;
}

/** The largest line of a bill, for people: "load balancer ALB-hours 47 %". */
export function dominatedWords({ dominatedBy, lines, unknown }: MixCost): string {
  if (unknown.length > 0) return 'unknown';
  if (dominatedBy === null) return '-';
  const unit = lines.find(({ item }) => item === dominatedBy.item)?.unit;
  const word = unit === undefined ? dominatedBy.item : itemWords(dominatedBy.item, unit);
  return `${word} ${sayShare(dominatedBy.share)}`;
}

export function sensitiveWords({ mostSensitiveTo }: MixCost): string | undefined {
  if (mostSensitiveTo === null) return undefined;
  const { figure, elasticity } = mostSensitiveTo;
  return `10 % more ${figure} makes it ${sayChange(elasticity / 10)}`;
}

function sayChange(share: number): string {
  return share < 0 ? `${sayShare(-share)} cheaper` : `${sayShare(share)} dearer`;
}

/** "200 ms", "1 %". */
export function sayFigure(value: number, unit: string): string {
  return unit === 'of 1'
    ? sayShare(value)
    : `${sayNumber(value)} ${value === 1 ? unit.replace(/s$/, '') : unit}`;
}

/** "100 to 400 ms"; "" for what is certain. */
export function spreadWords({
  low,
  high,
  unit,
}: Pick<AssumptionLine, 'low' | 'high' | 'unit'>): string {
  if (low === high) return '';
  const first = unit === 'of 1' ? sayShare(low) : sayNumber(low);
  return `${first} to ${unit === 'of 1' ? sayShare(high) : sayNumber(high)}`;
}

/** "tax, support plans and 18 more". */
export function someWords(texts: readonly string[], count: number): string {
  const shown = texts.length <= count ? texts : texts.slice(0, count);
  const more = texts.length - shown.length;
  return `${shown.join(', ')}${more === 0 ? '' : `, and ${more} more`}`;
}

/** Whom a line is for. */
export function ownerWords({ service, compute }: Pick<CostLine, 'service' | 'compute'>): string {
  return [service, compute].filter((word) => word !== null).join(' on ') || 'the app';
}

export function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentence(text: string): string {
  const begun = upper(text);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
