// The reference page of "fulcrum prices rate", made from the tables that read usages.

import { FREE_ITEMS } from '../src/cost/free-tier.ts';
import type { Field } from '../src/cost/input/field.ts';
import { USAGE_KINDS } from '../src/cost/input/kinds.ts';

export function ratePage(): string {
  const lines = [INTRO];
  for (const { service, also, what, fields, tells, example } of USAGE_KINDS) {
    lines.push(`### ${service}\n`, `${what}\n`);
    if (also.length > 0) lines.push(`Also: ${names(also)}.\n`);
    lines.push('```json', JSON.stringify({ service, ...example }), '```\n');
    lines.push('| field | | otherwise | other names |', '|---|---|---|---|');
    for (const field of Object.values(fields)) lines.push(row(field));
    const told = tells.map((tell) => tell.map((key) => first(fields[key])).join(' and '));
    if (told.length > 0) lines.push('', `\`service\` may be left out with: ${told.join('; or ')}.`);
    lines.push('');
  }
  lines.push(
    '## What is free\n',
    '`freeTier: "always"` has those of every account; `"legacy"` all of them, as an account opened before 2025-07-15 has in its first 12 months. `freeTierUsed`, by name, is what the rest of the account uses up. Confidence D is recollection.\n',
    '| name | mode | a month | of | confidence |',
    '|---|---|---|---|---|',
  );
  for (const { name, mode, units, unit, confidence } of FREE_ITEMS) {
    lines.push(
      `| \`${name}\` | ${mode} | ${units.toLocaleString('en-US')} | ${unit} | ${confidence} |`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function row(field: Field | undefined): string {
  if (field === undefined) return '';
  const [name = '', ...others] = Object.keys(field.names);
  const range = field.kind === 'number' && field.most !== undefined ? ` ${limits(field)}` : '';
  const words = field.kind === 'word' ? wordsOf(field.words) : '';
  return `| \`${name}\` | ${field.what}${range}${words} | ${field.otherwise ?? ''} | ${names(others)} |`;
}

function limits(field: Extract<Field, { kind: 'number' }>): string {
  const [factor = 1] = Object.values(field.names);
  const say = (value: number) => Number((value / factor).toPrecision(6));
  return `${field.over0 === true ? 'Over' : 'From'} ${say(field.least ?? 0)} to ${say(field.most ?? 0)}.`;
}

function wordsOf(words: Readonly<Record<string, readonly string[]>> | undefined): string {
  const others = Object.entries(words ?? {}).filter(([, also]) => also.length > 0);
  return others.map(([word, also]) => ` \`${word}\` is also ${names(also)}.`).join('');
}

function names(all: readonly string[]): string {
  return all.map((name) => `\`${name}\``).join(', ');
}

function first(field: Field | undefined): string {
  return `\`${Object.keys(field?.names ?? {})[0] ?? ''}\``;
}

const INTRO = `<!-- Made by "make docs" from the code; edits here are lost. -->

# What a usage costs

\`fulcrum prices rate\` reads a usage as JSON from its standard input and says what it costs, line by line, with the source and date of every price. [Billing](billing.md) has the rules.

\`\`\`sh
echo '{"vcpu": 0.25, "gb": 0.5, "hours": 730}' | fulcrum prices rate
echo '{"region": "eu-west-2", "memoryMb": 512, "durationMs": 200, "requests": 1e6}' | fulcrum prices rate --json
fulcrum prices rate --json < usages.json
\`\`\`

It takes one usage, a list of them, or one on each line. Each is a bill of its own; answers come in the same order. Nothing is rated unless all can be read. \`schema/usage.schema.json\` is the JSON Schema.

| field | |
|---|---|
| \`region\` | Default us-east-1, or that of \`--region\`; a warning says so. |
| \`freeTier\` | \`false\`, \`"off"\` or \`"none"\`, the default; \`true\`, \`"on"\` or \`"always"\`; \`"legacy"\`. |
| \`freeTierUsed\` | What the rest of the account uses up of it, by name: see below. |
| \`service\` | One of those below. It may be left out where the fields tell it. |
| \`name\` | Comes back in the answer. Where nothing else tells the service, its first word does: \`nat.month\`. |
| \`usages\` | Several usages that are one bill, with one free tier and tiers of prices over all. Beside it only \`region\`, \`freeTier\`, \`freeTierUsed\`, \`name\`. |
| \`input\` | A usage inside: \`{"name": …, "input": {…}}\` is taken as its input. |
| \`item\`, \`quantity\` | Instead of a service’s fields: so many units of an item of the price book, as \`lambda.request\`, or in other words: \`{"service": "apigateway", "item": "http_request_tier1"}\`. Tiers are counted from the first unit, whichever is named. |

Letter case, \`_\` and \`-\` do not matter in names, of the fields above too: \`free_tier\`. \`monthly\` before a name and \`PerMonth\` behind it say nothing new. A name may carry another unit: \`durationSeconds\`, \`memoryGb\`, \`minutes\`. A GB is 2³⁰ bytes, but for those of LCUs, which are 10⁹. \`cpu\` and \`memory\` of a task are vCPU and GB up to 64 and under 512, and units and MB from 128 and 512 on.

The answer (\`--json\`) has \`usd\`, \`usdExact\` (a decimal without rounding), \`lines\`, \`unknown\`, \`warnings\`, \`pricesAsOf\`. What has no known price is no 0: \`usd\` is null, \`knownUsd\` is the sum of the rest, and the exit code is 7. What cannot be read ends with 2 and says what to do.

## Services
`;
