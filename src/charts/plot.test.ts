// Plots as text: the same text for the same plot, nothing unescaped, nothing that is no number.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Plot, plotSvg } from './plot.ts';

const plot = (more: Partial<Plot>): Plot => ({
  id: 'p',
  title: 'Title',
  description: 'Description',
  width: 600,
  height: 300,
  x: { label: 'x', scale: 'linear', domain: [0, 100], format: String },
  y: { label: 'y', scale: 'linear', domain: [0, 10], format: String },
  layers: [
    {
      kind: 'line',
      name: 'one',
      tone: 0,
      points: [
        { x: 0, y: 1 },
        { x: 100, y: 5 },
      ],
    },
  ],
  spans: [],
  marks: [],
  ...more,
});

const pathOf = (svg: string) => [...svg.matchAll(/ d="([^"]*)"/g)].map(([, path]) => path);

describe('a plot', () => {
  it('has a title, a description and its labels', () => {
    const svg = plotSvg(plot({}));
    expect(svg).toContain('<title id="p-title">Title</title>');
    expect(svg).toContain('<desc id="p-desc">Description</desc>');
    expect(svg).toMatch(/aria-labelledby="p-title p-desc"/);
    expect(svg).toMatch(/>x<\/text>[\s\S]*>y<\/text>/);
  });

  it('draws higher values higher, and steps level until the next value', () => {
    const [path = ''] = pathOf(plotSvg(plot({})));
    const [, from = '', to = ''] = /^M[\d.]+,([\d.]+)L[\d.]+,([\d.]+)$/.exec(path) ?? [];
    expect(Number(to)).toBeLessThan(Number(from));
    const points = [
      { x: 0, y: 1 },
      { x: 50, y: 9 },
    ];
    const [steps = ''] = pathOf(
      plotSvg(plot({ layers: [{ kind: 'line', name: 'one', tone: 0, step: true, points }] })),
    );
    const numbers = steps.match(/[\d.]+/g)?.map(Number) ?? [];
    expect(numbers[1]).toBe(numbers[3]);
  });

  it('leaves a gap where a value is not known', () => {
    const points = [
      { x: 0, y: 1 },
      { x: 10, y: 1 },
      { x: 20, y: undefined },
      { x: 30, y: 1 },
      { x: 40, y: 1 },
    ];
    const [path] = pathOf(
      plotSvg(plot({ layers: [{ kind: 'line', name: 'one', tone: 0, points }] })),
    );
    expect(path?.match(/M/g)).toHaveLength(2);
  });

  it('stacks areas on each other', () => {
    const layer = {
      kind: 'stack' as const,
      names: ['a', 'b'],
      tones: [0, 1],
      xs: [0, 100],
      values: [
        [1, 2],
        [3, 4],
      ],
    } as const;
    const [a = '', b = ''] = pathOf(plotSvg(plot({ layers: [layer] })));
    const tops = (path: string) => (path.match(/[\d.]+/g) ?? []).map(Number);
    // The bottom of the second is the top of the first.
    expect(tops(b)[7]).toBe(tops(a)[1]);
  });

  it('leaves out marks outside, and puts labels that would meet above each other', () => {
    const marks = [
      { x: 50, label: 'a label of some length' },
      { x: 52, label: 'another label of some length' },
      { x: 5000, label: 'far away' },
    ];
    const svg = plotSvg(plot({ marks }));
    expect(svg).not.toContain('far away');
    const heights = [...svg.matchAll(/class="halo strong" x="[\d.]+" y="([\d.]+)"/g)].map(
      ([, y]) => y,
    );
    expect(new Set(heights).size).toBe(2);
  });

  it.each([
    [[5, 5], 'linear'],
    [[10, 1], 'linear'],
    [[0, 10], 'log'],
    [[Number.NaN, 1], 'linear'],
  ] as const)('refuses an axis from %j in %s', (domain, scale) => {
    expect(() => plotSvg(plot({ x: { label: '', scale, domain, format: String } }))).toThrow(
      RangeError,
    );
  });

  it('escapes whatever it is given, and writes only numbers', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom('<', '>', '"', "'", '&', 'b', '\u0000')).map((all) => all.join('')),
    );
    const amount = fc.double({ min: 0.001, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(
        text,
        amount,
        amount,
        fc.constantFrom('linear', 'log'),
        (label, low, more, scale) => {
          const axis = {
            label,
            scale,
            domain: [low, low + more + 1] as const,
            format: (value: number) => `${label}${value}`,
          };
          const layers = [
            {
              kind: 'line',
              name: label,
              tone: 1,
              points: [
                { x: low, y: low },
                { x: low + more, y: low + 1 },
              ],
            },
          ] as const;
          const marks = [{ x: low, label }];
          const svg = plotSvg(
            plot({ title: label, description: label, x: axis, y: axis, layers, marks }),
          );
          expect(svg).not.toMatch(/NaN|Infinity(?!.*<\/text>)/);
          // Without its own elements nothing is left that would be one.
          const rest = svg.replaceAll(
            /<\/?(svg|title|desc|style|defs|clipPath|rect|g|line|path|text|circle)\b[^<>]*>/g,
            '',
          );
          expect(rest).not.toMatch(/[<]/);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is the same text again', () => {
    expect(plotSvg(plot({}))).toBe(plotSvg(plot({})));
  });
});
