// The parts of a page that says what something costs: one document, nothing from outside, no script,
// light and dark, any width.

import { element, escapeText } from '../charts/svg.ts';

const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#5a6270;--line:#dfe3e8;--card:#f6f7f9;--warn:#8a5a00;--best:#0f7a5a}
@media (prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e8eaed;--soft:#a2abb8;--line:#2b3038;--card:#1c2027;--warn:#f0b849;--best:#3fcf9f}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:56rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem;text-wrap:balance}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
p{margin:.4rem 0}
h1,p,li{overflow-wrap:anywhere}
.soft,small{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:.75rem;margin:1.25rem 0;padding:0;list-style:none}
.cards li{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem}
.cards li.best{border:2px solid var(--best)}
.cards h2{margin:0;font-size:1rem}
.cards .money{font-size:1.6rem;font-weight:650;margin:.1rem 0}
.cards dl{margin:.4rem 0 0;display:grid;grid-template-columns:auto 1fr;gap:.1rem .75rem;font-size:.9rem}
.cards dt{color:var(--soft)}.cards dd{margin:0;text-align:right;overflow-wrap:anywhere}
.warn li{color:var(--warn)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:.25rem 0}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
@media (max-width:40rem){table{min-width:36rem}}
thead th{color:var(--soft);font-weight:500}
.num{text-align:right;white-space:nowrap}
thead .num{white-space:normal;vertical-align:bottom}
tbody th{min-width:7rem}
summary{cursor:pointer;padding:.4rem 0;font-weight:600}
figure{margin:1rem 0}figure svg{width:100%;height:auto;display:block}
figure .narrow{display:none}
@media (max-width:40rem){figure .wide{display:none}figure .narrow{display:block}}
@media print{details{display:block}}
`;

export interface PageHead {
  readonly title: string;
  /** The command that made it. */
  readonly generator: string;
}

/** A whole document. Empty parts are left out. */
export function htmlPage({ title, generator }: PageHead, parts: readonly string[]): string {
  const head = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<meta name="generator" content="${escapeText(generator)}">`,
    element('title', {}, escapeText(title)),
    `<style>${STYLE}</style>`,
  ].join('\n');
  return `<!doctype html>\n<html lang="en">\n<head>\n${head}\n</head>\n<body>\n<main>\n${parts.filter(Boolean).join('\n')}\n</main>\n</body>\n</html>\n`;
}

export function paragraph(text: string, kind?: string): string {
  return element('p', { class: kind }, escapeText(text));
}

export function section(title: string, inner: string): string {
  return inner === '' ? '' : element('section', {}, element('h2', {}, escapeText(title)) + inner);
}

export function list(texts: readonly string[], kind: string): string {
  if (texts.length === 0) return '';
  const items = texts.map((text) => element('li', {}, escapeText(text))).join('');
  return element('ul', { class: kind === '' ? undefined : kind }, items);
}

/** No line ends between a number and its "%". */
export function unbroken(text: string): string {
  return text.replaceAll(' %', '\u00a0%');
}

/** `numeric` are the columns that go to the right. The first column names its row. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly number[],
): string {
  const kind = (column: number) => (numeric.includes(column) ? 'num' : undefined);
  const head = heads
    .map((text, column) => element('th', { scope: 'col', class: kind(column) }, escapeText(text)))
    .join('');
  const body = rows.map((row) => {
    const cells = row.map((text, column) =>
      column === 0
        ? element('th', { scope: 'row', class: kind(column) }, escapeText(text))
        : element('td', { class: kind(column) }, escapeText(text)),
    );
    return element('tr', {}, cells.join(''));
  });
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, escapeText(caption)) +
        element('thead', {}, element('tr', {}, head)) +
        element('tbody', {}, body.join('')),
    ),
  );
}
