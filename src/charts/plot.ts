// A plot as SVG text: lines, steps, areas and stacks over one x axis, with spans and marks. Pure: the
// same plot gives the same text. It needs no document, and its text no script and nothing from outside.
//
//   P1. Every text is escaped, so names of services may be anything.
//   P2. Nothing is drawn outside the frame but labels.
//   P3. A reader who does not see it has its title and description.

import { type Axis, type Frame, place } from './axis.ts';
import { drawLayers, type Layer, legendOf } from './layers.ts';
import { drawMarks, type Mark, type Span } from './marks.ts';
import { element, textElement } from './svg.ts';
import { styleOf } from './theme.ts';

export interface Plot {
  /** Names the plot; not drawn. */
  readonly title: string;
  /** What it shows, for who does not see it. */
  readonly description: string;
  /** Of the view box, in pixels at its natural size. */
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  /** Drawn in order. */
  readonly layers: readonly Layer[];
  readonly spans: readonly Span[];
  readonly marks: readonly Mark[];
  /** Letters and digits; unlike that of any other plot on the page. */
  readonly id: string;
}

const EDGE = 14;
const LINE_HEIGHT = 18;
const X_AXIS_HEIGHT = 44;
const LETTER = 7.1;
const PIXELS_PER_X_TICK = 84;
const PIXELS_PER_Y_TICK = 46;

/** Throws RangeError for an axis that cannot be. */
export function plotSvg(plot: Plot): string {
  const { width, height, id } = plot;
  const legend = legendOf(plot.layers, width - 2 * EDGE);
  const above = EDGE + legend.rows * LINE_HEIGHT + LINE_HEIGHT;
  const frame = frameOf(plot, above);
  const inside = drawLayers(plot.layers, frame);
  const { back, front } = drawMarks(plot.spans, plot.marks, frame);
  const clip = element(
    'clipPath',
    { id: `${id}-frame` },
    element('rect', {
      x: frame.left,
      y: frame.top,
      width: frame.right - frame.left,
      height: frame.bottom - frame.top,
    }),
  );
  const body = [
    element('title', { id: `${id}-title` }, escaped(plot.title)),
    element('desc', { id: `${id}-desc` }, escaped(plot.description)),
    `<style>${styleOf(id)}</style><defs>${clip}</defs>`,
    element('rect', { class: 'paper', width, height }),
    element('g', { transform: `translate(${EDGE} ${EDGE + 10})` }, legend.markup),
    drawAxes(plot, frame, above),
    back,
    element('g', { 'clip-path': `url(#${id}-frame)` }, inside),
    front,
  ];
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      class: id,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
    },
    body.join(''),
  );
}

function escaped(text: string): string {
  return textElement({}, text).slice('<text>'.length, -'</text>'.length);
}

function frameOf({ x, y, width, height, marks }: Plot, above: number): Frame {
  const labels = marks.filter(({ label }) => label !== '').length;
  const top = above + Math.min(labels, MARK_ROWS) * LINE_HEIGHT;
  const bottom = height - X_AXIS_HEIGHT;
  const placedY = place(
    y,
    [bottom, top],
    Math.max(2, Math.floor((bottom - top) / PIXELS_PER_Y_TICK)),
  );
  const widest = Math.max(0, ...placedY.ticks.map((tick) => placedY.format(tick).length));
  const left = EDGE + widest * LETTER + 8;
  const right = width - EDGE - 10;
  const placedX = place(
    x,
    [left, right],
    Math.max(2, Math.floor((right - left) / PIXELS_PER_X_TICK)),
  );
  return { left, right, top, bottom, x: placedX, y: placedY };
}

/** Rows of labels above the frame, at most, for marks that stand close. */
const MARK_ROWS = 3;

function drawAxes({ x, y }: Plot, frame: Frame, above: number): string {
  const { left, right, bottom } = frame;
  const across = frame.y.ticks.map((tick) => {
    const at = frame.y.at(tick);
    return (
      element('line', { class: 'grid', x1: left, x2: right, y1: at, y2: at }) +
      textElement(
        { class: 'soft', x: left - 8, y: at + 4.5, 'text-anchor': 'end' },
        frame.y.format(tick),
      )
    );
  });
  const along = frame.x.ticks.map((tick) => {
    const at = frame.x.at(tick);
    const half = (frame.x.format(tick).length * LETTER) / 2;
    const anchor = at + half > right + EDGE ? 'end' : at - half < 0 ? 'start' : 'middle';
    return (
      element('line', { class: 'rule', x1: at, x2: at, y1: bottom, y2: bottom + 5 }) +
      textElement(
        { class: 'soft', x: at, y: bottom + 19, 'text-anchor': anchor },
        frame.x.format(tick),
      )
    );
  });
  return [
    ...across,
    ...along,
    element('line', { class: 'rule', x1: left, x2: right, y1: bottom, y2: bottom }),
    textElement({ x: right, y: bottom + 38, 'text-anchor': 'end' }, x.label),
    textElement({ x: EDGE, y: above - 6 }, y.label),
  ].join('');
}
