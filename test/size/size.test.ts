import { describe, expect, it } from 'vitest';
import { growthOf, readTable, roomOf, sizesOf, writeTable } from './size.ts';

const PAGE = `# Size

Without tests 0 lines (aim: 55,000), tests 0 (aim: 45,000).

| room | files | lines | why so large |
|---|--:|--:|---|
| \`cli\` | 2 | 1,004 | every command has its help |
| \`lib/gone\` | 1 | 7 |  |

The end.
`;
const TWO_LINES = 'a\nb\n';

describe('the size of the rooms', () => {
  it.each([
    ['lib/attribution/chain/links.ts', 'lib/attribution'],
    ['lib/time.ts', 'lib'],
    ['test/size/size.ts', 'test/size'],
    ['test/wall.ts', 'test'],
    ['console/page/app.tsx', 'console'],
    ['vitest.config.ts', '(top)'],
  ])('%s is of %s', (path, room) => expect(roomOf(path)).toBe(room));

  it('is that of its files together', () => {
    const sizes = sizesOf([
      ['lib/time.ts', TWO_LINES],
      ['cli/a.ts', TWO_LINES],
      ['cli/b/c.ts', TWO_LINES],
    ]);
    expect([...sizes]).toEqual([
      ['cli', { files: 2, lines: 4 }],
      ['lib', { files: 1, lines: 2 }],
    ]);
  });

  it('may shrink without a word, and grows only together with the table', () => {
    const table = readTable(PAGE);
    expect(growthOf(new Map([['cli', { files: 9, lines: 1_004 }]]), table)).toEqual([]);
    expect(growthOf(new Map([['cli', { files: 1, lines: 3 }]]), table)).toEqual([]);
    expect(
      growthOf(
        new Map([
          ['cli', { files: 2, lines: 1_010 }],
          ['lib/new', { files: 1, lines: 5 }],
        ]),
        table,
      ),
    ).toEqual(['cli has grown by 6 lines, from 1004 to 1010.', 'lib/new has grown by 5 lines, from 0 to 5.']);
  });

  it('is written with the reasons that the maintainers gave, and without rooms that are gone', () => {
    const sizes = sizesOf([
      ['cli/a.ts', 'a\n'.repeat(2_000)],
      ['test/size/size.test.ts', TWO_LINES],
    ]);
    const written = writeTable(PAGE, sizes);
    expect(written).toBe(`# Size

Without tests 2,000 lines (aim: 55,000), tests 2 (aim: 45,000).

| room | files | lines | why so large |
|---|--:|--:|---|
| \`cli\` | 1 | 2,000 | every command has its help |
| \`test/size\` | 1 | 2 |  |

The end.
`);
    expect(growthOf(sizes, readTable(written))).toEqual([]);
  });
});
