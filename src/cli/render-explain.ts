// `fulcrum explain` for people.

import { sayDuration } from '../base/units.ts';
import type { Explained } from '../ops/explain.ts';
import { placementLines } from './render-placement.ts';
import type { Paint } from './terminal.ts';

type Explanation = NonNullable<Explained['explanation']>;
type Forwarded = Extract<Explanation, { kind: 'forward' }>;
type Weighted = Extract<Explanation, { kind: 'weighted' }>;

export function explainText(
  method: string,
  target: string,
  explained: Explained,
  paint: Paint,
): string {
  const { basis, explanation, placement } = explained;
  const note =
    basis === 'live'
      ? 'of the app that runs now'
      : 'of the app at rest: nothing runs, so only the minimum of tasks counts';
  if (explanation === undefined) {
    return `${paint('bold', `${method} ${target}`)}\n  no route takes it: the front door answers 404\n`;
  }
  const { route } = explanation;
  const matched = `  route ${route.priority}: ${route.conditions.join(', ')}`;
  return [
    `${paint('bold', `${method} ${target}`)}  ${paint('dim', `(${note})`)}\n`,
    ...sayAction(matched, explanation, paint),
    ...(placement === undefined ? [] : placementLines(placement, paint)).map(
      (line) => `    ${line}\n`,
    ),
  ].join('');
}

function sayAction(matched: string, explanation: Explanation, paint: Paint): readonly string[] {
  switch (explanation.kind) {
    case 'redirect':
      return [
        `${matched}\n`,
        `  → redirects with ${explanation.status} to ${explanation.location}\n`,
      ];
    case 'respond':
      return [`${matched}\n`, `  → the front door answers ${explanation.status} by itself\n`];
    case 'forward':
      return [
        `${matched} → ${explanation.service}, ${explanation.compute}\n`,
        ...sayRewritten(explanation),
        ...sayVerdict(explanation, '  ', paint),
      ];
    case 'weighted':
      return [
        `${matched} → one of ${explanation.groups.length} by weight\n`,
        ...sayRewritten(explanation),
        ...sayGroups(explanation, paint),
      ];
  }
}

function sayRewritten({ rewritten }: Explanation): readonly string[] {
  if (rewritten === undefined) return [];
  if (rewritten.status !== 'TransformSuccess') {
    return [`  cannot be written anew: ${rewritten.problem}; the front door answers 500\n`];
  }
  return [`  written anew as ${rewritten.host}${rewritten.target}\n`];
}

function sayGroups({ groups, stickyMs }: Weighted, paint: Paint): readonly string[] {
  const stays =
    stickyMs === undefined
      ? []
      : [`  a client stays with its group for ${sayDuration(stickyMs)} (cookie AWSALBTG)\n`];
  const each = groups.flatMap((group) => {
    const share = `${Math.round(group.share * 1000) / 10} %`;
    return [
      `  ${paint('bold', share)} (weight ${group.weight}) → ${group.service}, ${group.compute}\n`,
      ...sayVerdict(group, '    ', paint),
    ];
  });
  return [...stays, ...each];
}

function sayVerdict(
  { computes, goes, status, reason }: Pick<Forwarded, 'computes' | 'goes' | 'status' | 'reason'>,
  indent: string,
  paint: Paint,
): readonly string[] {
  const verdicts = computes.map(({ compute, verdict, why }) => {
    const mark = verdict === 'can take it' ? paint('green', '✓') : paint('red', '✗');
    return `${indent}${mark} ${compute.padEnd(7)} ${verdict}: ${why}\n`;
  });
  const end =
    goes === undefined
      ? `the front door answers ${status}: ${reason}`
      : `${paint('bold', goes)}: ${reason}`;
  return [...verdicts, `${indent}→ ${end}\n`];
}
