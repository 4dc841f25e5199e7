// Colours of plots, in light and dark. Hues stay apart for eyes that do not tell red from green
// (after Okabe and Ito), and each series also has a dash of its own.

export interface Tone {
  readonly light: string;
  readonly dark: string;
  /** Of the line; empty is solid. */
  readonly dash: string;
}

export const TONES: readonly Tone[] = [
  { light: '#b45309', dark: '#f5a524', dash: '' },
  { light: '#1d6fb8', dark: '#5bb0f5', dash: '' },
  { light: '#0f7a5a', dark: '#3fcf9f', dash: '7 4' },
  { light: '#a0397e', dark: '#e78ac3', dash: '2 3' },
  { light: '#5b6470', dark: '#a7b0bc', dash: '9 3 2 3' },
  { light: '#8a6d00', dark: '#e0c83c', dash: '4 2' },
  { light: '#0e7490', dark: '#22d3ee', dash: '10 3' },
  { light: '#b42318', dark: '#ff8a7a', dash: '5 2' },
  { light: '#6d28d9', dark: '#b794f6', dash: '8 3' },
  { light: '#4d7c0f', dark: '#a3e635', dash: '2 2' },
  { light: '#7c4a2d', dark: '#d6a583', dash: '12 3 3 3' },
  { light: '#be185d', dark: '#f472b6', dash: '5 3 1 3' },
  { light: '#1e3a8a', dark: '#93b4ff', dash: '3 3' },
  { light: '#57534e', dark: '#c4bfb8', dash: '1 3' },
  { light: '#1b1f24', dark: '#e8eaed', dash: '' },
];

const INK = {
  light: { paper: '#ffffff', ink: '#1b1f24', soft: '#5a6270', grid: '#e4e7eb', span: '#8a93a0' },
  dark: { paper: '#14171c', ink: '#e8eaed', soft: '#a2abb8', grid: '#2b3038', span: '#8a93a0' },
} as const;

/** A plot alone follows the reader's choice of light or dark. `scope` keeps its rules to itself. */
export function styleOf(scope: string): string {
  const rules = (mode: 'light' | 'dark'): string => {
    const { paper, ink, soft, grid, span } = INK[mode];
    const tones = TONES.map((tone, index) => `--t${index}:${tone[mode]}`).join(';');
    return `.${scope}{--paper:${paper};--ink:${ink};--soft:${soft};--grid:${grid};--span:${span};${tones}}`;
  };
  const tones = TONES.map(
    ({ dash }, index) =>
      `.${scope} .t${index}{stroke:var(--t${index})${dash === '' ? '' : `;stroke-dasharray:${dash}`}}` +
      `.${scope} .f${index}{fill:var(--t${index})}`,
  ).join('');
  return (
    `${rules('light')}@media (prefers-color-scheme:dark){${rules('dark')}}` +
    `.${scope} text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}` +
    `.${scope} .soft{fill:var(--soft)}.${scope} .paper{fill:var(--paper)}` +
    `.${scope} .grid{stroke:var(--grid);stroke-width:1}.${scope} .rule{stroke:var(--soft);stroke-width:1}` +
    `.${scope} .line{fill:none;stroke-width:2.2;stroke-linejoin:round}` +
    `.${scope} .area{fill-opacity:.75}.${scope} .span{fill:var(--span);fill-opacity:.16}` +
    `.${scope} .mark{stroke:var(--ink);stroke-width:1;stroke-dasharray:3 3}.${scope} .dot{stroke:var(--paper);stroke-width:1.5}` +
    `.${scope} .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}.${scope} .strong{font-weight:600}${tones}`
  );
}
