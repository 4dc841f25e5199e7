// Finds which form of traffic a text is in, from how it begins.

import { type Columns, columnsOf } from './csv-columns.ts';
import type { TrafficFormat } from './traffic-read.ts';

const ALB = /^(https?|h2|grpcs|wss?) \d{4}-\d\d-\d\dT\S+ \S+ \S+ \S+ \S+ \S+ \S+ /;
const CLASSIC_ELB = /^\d{4}-\d\d-\d\dT\S+Z \S+ \S+:\d+ \S+ \S+ \S+ \S+ /;
const COMMON = / \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "/;

/** A text of the CloudWatch console has rows of labels above its data. */
const LABELS = /^"?(full label|label|id|unit|statistic|period|region)"?[,;\t]/i;

export interface Detected {
  readonly format: TrafficFormat;
  readonly columns: Columns | undefined;
}

/** `lines` are the first of the text. Undefined: none that is known. */
export function detect(lines: readonly string[]): Detected | undefined {
  const first = lines.find((line) => line.trim() !== '') ?? '';
  const head = lines.join('\n');
  if (/^\s*[{[]/.test(head) && /"(Datapoints|MetricDataResults)"/.test(head)) {
    return { format: 'cloudwatch-json', columns: undefined };
  }
  // One line in the wrong form does not hide what the others are.
  const some = (of: RegExp): boolean =>
    of.test(first) || lines.filter((line) => of.test(line)).length * 2 > lines.length;
  if (some(ALB) || some(CLASSIC_ELB)) return { format: 'alb', columns: undefined };
  if (some(COMMON)) return { format: 'common', columns: undefined };
  const columns = columnsOf(lines);
  if (columns === undefined) return undefined;
  if (columns.count === undefined) return { format: 'requests', columns };
  const labelled = lines.slice(0, columns.headLines).some((line) => LABELS.test(line));
  return { format: labelled ? 'cloudwatch-csv' : 'counts', columns };
}
