// How far a command is: one line of a terminal that is drawn over. Nothing where nobody looks.

import type { TrafficProgress } from '../ops/read-traffic.ts';
import type { Context } from './context.ts';
import { shorten } from './terminal.ts';

/** A line of standard error; nothing is written where that is no terminal. */
export function drawnLine({ err, paintErr }: Context) {
  let drawn = false;
  const clear = () => {
    if (drawn) err.write('\r\u001b[2K');
    drawn = false;
  };
  return {
    draw(text: string) {
      if (!err.isTerminal) return;
      clear();
      err.write(paintErr('dim', shorten(text, Math.max(10, err.columns - 1))));
      drawn = true;
    },
    clear,
  };
}

/** On a terminal one line that is drawn over, while a large file is read. */
export function readingLine(context: Context) {
  const line = drawnLine(context);
  return {
    show(file: string, { bytes, sizeBytes }: TrafficProgress) {
      const part =
        sizeBytes === undefined || sizeBytes === 0
          ? ''
          : `, ${Math.floor((bytes / sizeBytes) * 100)} %`;
      line.draw(`reading ${file}: ${Math.round(bytes / 1e6)} MB${part}`);
    },
    end: line.clear,
  };
}
