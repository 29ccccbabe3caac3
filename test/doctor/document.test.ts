import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FINDINGS } from '../../lib/doctor/finding.ts';

const DOCUMENT = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8');

test('docs/doctor.md has a section, with the mending step, for each finding and for nothing else', () => {
  const sections = DOCUMENT.split(/^#{2,3} /m).filter((section) => /^[a-z]/.test(section));
  expect(sections.map((section) => section.split('\n')[0]).toSorted()).toEqual(Object.keys(FINDINGS).toSorted());
  for (const section of sections) expect(section).toMatch(/Mend:|what to do/);
});
