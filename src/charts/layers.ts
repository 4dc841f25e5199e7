// What a plot is made of, and its legend.

import { area, curveLinear, curveStepAfter, line, stack } from 'd3-shape';
import type { Frame } from './axis.ts';
import { element, textElement } from './svg.ts';

export interface Point {
  readonly x: number;
  /** Undefined: not known; the line has a gap there. */
  readonly y: number | undefined;
}

/** One line. `step`: a value holds until the next. */
export interface LineLayer {
  readonly kind: 'line';
  readonly name: string;
  /** Index into the tones. */
  readonly tone: number;
  readonly step?: boolean | undefined;
  /** Drawn thicker, and over the others. */
  readonly strong?: boolean | undefined;
  readonly points: readonly Point[];
}

/** Areas on top of each other. `values` has one row for each x, with a value for each name. */
export interface StackLayer {
  readonly kind: 'stack';
  readonly names: readonly string[];
  readonly tones: readonly number[];
  readonly step?: boolean | undefined;
  readonly xs: readonly number[];
  readonly values: readonly (readonly number[])[];
}

/** Between a low and a high, as for uncertainty. */
export interface RangeLayer {
  readonly kind: 'range';
  readonly name: string;
  readonly tone: number;
  readonly points: readonly { readonly x: number; readonly low: number; readonly high: number }[];
}

export type Layer = LineLayer | StackLayer | RangeLayer;

function drawLayer(layer: Layer, { x, y }: Frame): string {
  switch (layer.kind) {
    case 'line': {
      const path = line<Point>()
        .defined((point) => point.y !== undefined && Number.isFinite(point.y))
        .x((point) => x.at(point.x))
        .y((point) => y.at(point.y ?? 0))
        .curve(curveOf(layer.step))
        .digits(1);
      return element('path', {
        class: `line t${layer.tone}`,
        style: layer.strong === true ? 'stroke-width:3.5' : undefined,
        d: path([...layer.points]) ?? '',
      });
    }
    case 'range': {
      const path = area<RangeLayer['points'][number]>()
        .x((point) => x.at(point.x))
        .y0((point) => y.at(point.low))
        .y1((point) => y.at(point.high))
        .digits(1);
      return element('path', {
        class: `area f${layer.tone}`,
        style: 'fill-opacity:.15',
        d: path([...layer.points]) ?? '',
      });
    }
    case 'stack':
      return drawStack(layer, { x, y });
  }
}

/** Those that are strong last, over the others. */
export function drawLayers(layers: readonly Layer[], frame: Frame): string {
  const isStrong = (layer: Layer) => layer.kind === 'line' && layer.strong === true;
  return [...layers]
    .sort((a, b) => Number(isStrong(a)) - Number(isStrong(b)))
    .map((layer) => drawLayer(layer, frame))
    .join('');
}

function drawStack(layer: StackLayer, { x, y }: Pick<Frame, 'x' | 'y'>): string {
  const keys = layer.names.map((_, index) => index);
  const rows = layer.values.map((values) => values);
  const stacked = stack<unknown, readonly number[], number>()
    .keys(keys)
    .value((row, key) => row[key] ?? 0)([...rows]);
  return stacked
    .map((series, index) => {
      const path = area<readonly [number, number]>()
        .x((_, at) => x.at(layer.xs[at] ?? 0))
        .y0(([low]) => y.at(low))
        .y1(([, high]) => y.at(high))
        .curve(curveOf(layer.step))
        .digits(1);
      const points = series.map(([low, high]) => [low, high] as const);
      return element('path', { class: `area f${layer.tones[index] ?? 0}`, d: path(points) ?? '' });
    })
    .join('');
}

function curveOf(step: boolean | undefined) {
  return step === true ? curveStepAfter : curveLinear;
}

const LETTER = 7.3;
const SAMPLE = 26;
const GAP = 20;
const ROW = 18;

/** Names with a sample of their line, in as many rows as they need. */
export function legendOf(
  layers: readonly Layer[],
  width: number,
): { readonly rows: number; readonly markup: string } {
  const entries = layers.flatMap((layer) =>
    layer.kind === 'stack'
      ? layer.names.map((name, index) => ({ name, tone: layer.tones[index] ?? 0, fill: true }))
      : [{ name: layer.name, tone: layer.tone, fill: layer.kind === 'range' }],
  );
  let at = 0;
  let row = 0;
  const drawn = entries.map(({ name, tone, fill }) => {
    const takes = SAMPLE + 6 + name.length * LETTER;
    if (at > 0 && at + takes > width) {
      at = 0;
      row += 1;
    }
    const y = row * ROW;
    const sample = fill
      ? element('rect', { class: `area f${tone}`, x: at, y: y - 9, width: SAMPLE, height: 10 })
      : element('line', { class: `line t${tone}`, x1: at, x2: at + SAMPLE, y1: y - 4, y2: y - 4 });
    const text = textElement({ x: at + SAMPLE + 6, y }, name);
    at += takes + GAP;
    return sample + text;
  });
  return { rows: entries.length === 0 ? 0 : row + 1, markup: drawn.join('') };
}
