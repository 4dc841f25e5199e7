// Metrics that a program prints: one line of JSON in CloudWatch's embedded metric format, from
// which CloudWatch Logs takes them. [CW:CloudWatch_Embedded_Metric_Format_Specification]
//
// What is not of the format gives nothing: such a line is a line of the log like any other.

import type { Dimensions } from '../model/metric.ts';

export interface EmbeddedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly values: readonly number[];
  /** It asks to be kept by the second. */
  readonly highResolution: boolean;
}

/** Metrics of one directive, and dimensions of one set. */
const MAX_METRICS = 100;
const MAX_DIMENSIONS = 30;

type Block = Readonly<Record<string, unknown>>;

/** Cheap for lines that have none. */
export function embeddedMetrics(line: string): readonly EmbeddedMetric[] {
  if (!line.startsWith('{') || !line.includes('"_aws"')) return [];
  const root = parse(line);
  const aws = root?.['_aws'];
  const directives = isBlock(aws) ? aws['CloudWatchMetrics'] : undefined;
  if (root === undefined || !Array.isArray(directives)) return [];
  return directives.filter(isBlock).flatMap((directive) => metricsOf(root, directive));
}

function metricsOf(root: Block, directive: Block): readonly EmbeddedMetric[] {
  const { Namespace: namespace, Dimensions: sets, Metrics: metrics } = directive;
  if (typeof namespace !== 'string' || namespace === '') return [];
  if (!Array.isArray(metrics) || metrics.length > MAX_METRICS) return [];
  const dimensions = (Array.isArray(sets) ? sets : [[]]).flatMap((set) => dimensionsOf(root, set));
  return metrics.filter(isBlock).flatMap(({ Name: name, StorageResolution: resolution }) => {
    if (typeof name !== 'string') return [];
    const values = valuesOf(root[name]);
    if (values.length === 0) return [];
    const highResolution = resolution === 1;
    return dimensions.map((one) => ({
      namespace,
      name,
      dimensions: one,
      values,
      highResolution,
    }));
  });
}

/** Of a set that names what is not there, nothing is published. */
function dimensionsOf(root: Block, set: unknown): readonly Dimensions[] {
  if (!Array.isArray(set) || set.length > MAX_DIMENSIONS) return [];
  const entries = set.map((key) => [key, typeof key === 'string' ? root[key] : undefined]);
  if (entries.some(([, value]) => typeof value !== 'string')) return [];
  return [Object.fromEntries(entries)];
}

function valuesOf(value: unknown): readonly number[] {
  const values = Array.isArray(value) ? value : [value];
  return values.every((one) => typeof one === 'number') ? values : [];
}

function parse(line: string): Block | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isBlock(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
