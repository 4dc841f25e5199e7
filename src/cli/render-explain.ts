// `fulcrum explain` for people.

import type { Explained } from '../ops/explain.ts';
import type { Paint } from './terminal.ts';

export function explainText(
  method: string,
  target: string,
  explained: Explained,
  paint: Paint,
): string {
  const { basis, explanation } = explained;
  const note =
    basis === 'live'
      ? 'of the app that runs now'
      : 'of the app at rest: nothing runs, so only the minimum of tasks counts';
  if (explanation === undefined) {
    return `${paint('bold', `${method} ${target}`)}\n  no route takes it: the front door answers 404\n`;
  }
  const { route, computes, goes, status, reason } = explanation;
  const verdicts = computes.map(({ compute, verdict, why }) => {
    const mark = verdict === 'can take it' ? paint('green', '✓') : paint('red', '✗');
    return `  ${mark} ${compute.padEnd(7)} ${verdict}: ${why}\n`;
  });
  const end =
    goes === undefined
      ? `the front door answers ${status}: ${reason}`
      : `${paint('bold', goes)}: ${reason}`;
  return [
    `${paint('bold', `${method} ${target}`)}  ${paint('dim', `(${note})`)}\n`,
    `  route ${route.priority}: ${route.conditions.join(', ')} → ${route.service}, ${route.compute}\n`,
    ...verdicts,
    `  → ${end}\n`,
  ].join('');
}
