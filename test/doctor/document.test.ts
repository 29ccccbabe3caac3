import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FINDINGS } from '../../lib/doctor/finding.ts';
import { REPOSITORY, runCommand } from '../builders/command.ts';

const DOCUMENT = readFileSync(`${REPOSITORY}/docs/doctor.md`, 'utf8');

test('docs/doctor.md has a section, with how to fix it, for each finding and for nothing else', () => {
  const sections = DOCUMENT.split(/^#{2,3} /m).filter((section) => /^[a-z]/.test(section));
  expect(sections.map((section) => section.split('\n')[0]).toSorted()).toEqual(Object.keys(FINDINGS).toSorted());
  for (const section of sections) expect(section).toMatch(/Fix:/);
});

const ACTION = /\b(?:ec2|eks|logs|cloudwatch|cloudtrail|events|iam):[A-Z]\w+/g;

function actionsIn(text: string): readonly string[] {
  return [...new Set(text.match(ACTION) ?? [])].toSorted();
}

test('the policy in docs/doctor.md and --help name the permissions that the checks need, and no others', async () => {
  const sources = globSync('cli/doctor/*.ts', { cwd: REPOSITORY }).map((file) =>
    readFileSync(`${REPOSITORY}/${file}`, 'utf8'),
  );
  const needed = actionsIn(sources.join('\n'));
  const [policy = ''] = /```json\n[\s\S]*?```/.exec(DOCUMENT) ?? [];
  expect(actionsIn(policy)).toEqual(needed);
  const { output } = await runCommand(['doctor', '--help', '--all']);
  expect(actionsIn(output)).toEqual(needed);
});
