import { describe, expect, it } from 'vitest';
import { chartOf } from '../../bench/chart.ts';

const CURVE = {
  title: 'A claim with many records',
  sizes: 'records of the claim',
  costs: 'CPU seconds',
  points: [
    [1_000, 0.1],
    [10_000, 1],
    [100_000, 10],
  ],
} as const;

/** The attributes of the first element of that name. */
function attributes(svg: string, pattern: RegExp): Record<string, string> {
  const [element = ''] = pattern.exec(svg) ?? [];
  return Object.fromEntries([...element.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
}

describe('the chart of how a cost grows', () => {
  it('says in words what it shows, and what its axes have', () => {
    const svg = chartOf('growth-claim', CURVE);
    expect(attributes(svg, /<svg[^>]*>/)).toMatchObject({
      role: 'img',
      'aria-labelledby': 'growth-claim-title growth-claim-desc',
    });
    expect(svg).toContain('<title id="growth-claim-title">A claim with many records</title>');
    expect(svg).toMatch(/<desc id="growth-claim-desc">CPU seconds by records of the claim.*100,000: 10\./);
    for (const label of ['records of the claim', 'CPU seconds']) expect(svg).toContain(`>${label}</text>`);
  });

  it('draws a cost that grows in step with the size along the dashed line', () => {
    const svg = chartOf('growth-claim', CURVE);
    const dashed = attributes(svg, /<line[^>]*stroke-dasharray[^>]*>/);
    const [first, , last] = (attributes(svg, /<polyline[^>]*>/).points ?? '').split(' ');
    expect([first, last]).toEqual([`${dashed.x1},${dashed.y1}`, `${dashed.x2},${dashed.y2}`]);
  });

  it('draws a cost that grows faster above the dashed line', () => {
    const svg = chartOf('growth-claim', {
      ...CURVE,
      points: [
        [1_000, 0.1],
        [100_000, 100],
      ],
    });
    const dashed = attributes(svg, /<line[^>]*stroke-dasharray[^>]*>/);
    const [x, y] = ((attributes(svg, /<polyline[^>]*>/).points ?? '').split(' ')[1] ?? '').split(',').map(Number);
    expect(x).toBe(Number(dashed.x2));
    expect(y).toBeLessThan(Number(dashed.y2)); // SVG counts from the top
  });

  it('draws a cost at a single size, and leaves out sizes that cost nothing', () => {
    expect(
      chartOf('one', {
        ...CURVE,
        points: [
          [10, 0],
          [100, 0.5],
        ],
      }),
    ).toContain('100: 0.5.');
    expect(() => chartOf('none', { ...CURVE, points: [[10, 0]] })).toThrow('nothing to draw');
  });

  it('shows a name unchanged, whatever characters it has', () => {
    expect(chartOf('a', { ...CURVE, title: '<b> & "c"' })).toContain('>&lt;b> &amp; &quot;c&quot;</title>');
  });
});
