// Places on the x axis that a plot points out: lines with a label, and spans.

import type { Frame } from './axis.ts';
import { element, textElement } from './svg.ts';

export interface Mark {
  readonly x: number;
  readonly label: string;
  /** Of a dot on the line, where there is one. */
  readonly y?: number | undefined;
  readonly tone?: number | undefined;
}

export interface Span {
  readonly from: number;
  readonly to: number;
  /** Named in the middle of the span, at the bottom, where there is room. */
  readonly label: string;
}

const ROW = 18;
/** Of a label, which is bold: wide rather than narrow, as fonts differ. */
const LETTER = 7.8;

interface Row {
  /** Where its last label ends. */
  readonly until: number;
}

/** Marks outside the frame are left out. Labels that would meet go to rows above each other. */
export function drawMarks(
  spans: readonly Span[],
  marks: readonly Mark[],
  frame: Frame,
): { readonly back: string; readonly front: string } {
  const { left, right, top, bottom, x, y } = frame;
  const back = spans
    .map((span) => {
      const from = Math.max(left, x.at(span.from));
      const to = Math.min(right, x.at(span.to));
      if (to <= from) return '';
      const rect = element('rect', {
        class: 'span',
        x: from,
        y: top,
        width: to - from,
        height: bottom - top,
      });
      const fits = span.label.length * LETTER < to - from;
      const text = textElement(
        { class: 'soft', x: (from + to) / 2, y: bottom - 8, 'text-anchor': 'middle' },
        span.label,
      );
      return fits ? rect + text : rect;
    })
    .join('');
  const rows: Row[] = [];
  const front = [...marks]
    .filter((mark) => x.at(mark.x) >= left - 0.5 && x.at(mark.x) <= right + 0.5)
    .sort((a, b) => a.x - b.x)
    .map((mark) => {
      const at = x.at(mark.x);
      const takes = mark.label.length * LETTER;
      const start = Math.min(Math.max(at - takes / 2, left - 30), right + 10 - takes);
      let row = rows.findIndex(({ until }) => until + 8 < start);
      if (row === -1) row = rows.length;
      rows[row] = { until: start + takes };
      const labelY = top - 8 - row * ROW;
      const dot =
        mark.y === undefined
          ? ''
          : element('circle', { class: `dot f${mark.tone ?? 4}`, cx: at, cy: y.at(mark.y), r: 5 });
      return (
        element('line', { class: 'mark', x1: at, x2: at, y1: labelY + 4, y2: bottom }) +
        dot +
        textElement({ class: 'halo strong', x: start, y: labelY }, mark.label)
      );
    })
    .join('');
  return { back, front };
}
