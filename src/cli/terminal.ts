// What the command line writes to, and the few shapes it writes.

import { styleText } from 'node:util';

export interface Output {
  write(text: string): void;
  /** Bytes written and not taken yet. */
  readonly waiting: number;
  readonly isTerminal: boolean;
  readonly columns: number;
}

type Style = Parameters<typeof styleText>[0];

/** Colours for a terminal, plain text for everything else. Honours NO_COLOR and TERM=dumb. */
export function painter(output: Output, env: Readonly<Record<string, string | undefined>>) {
  const on = output.isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return (style: Style, text: string): string =>
    on ? styleText(style, text, { validateStream: false }) : text;
}

export type Paint = ReturnType<typeof painter>;

/** Rows with columns of equal width, two spaces apart. Numbers go to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) => {
          const width = widths[index] ?? 0;
          return /^[-−+~]?\$?[\d.,]+/.test(cell) && index > 0
            ? cell.padStart(width)
            : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** "12:04:31" in the zone of the machine. */
export function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** A sentence that may name fifteen datapoints, short enough for a line. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Lines of at most `width` letters, broken between words; those after the first are indented. */
export function wrap(text: string, width: number, indent = ''): string {
  const [lead = ''] = /^ */.exec(text) ?? [];
  const lines: string[] = [];
  let line = lead;
  for (const word of text.slice(lead.length).split(' ')) {
    const begun = line.trim() !== '';
    if (begun && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = begun ? `${line} ${word}` : `${line}${word}`;
  }
  return [...lines, line].join('\n');
}

/** Letters that a line may have: those of the terminal, or a few more in a file. */
export function widthOf(output: Output): number {
  return output.isTerminal ? Math.max(40, output.columns) : 120;
}
