import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { REPOSITORY } from '../builders/command.ts';
import { documentOf, tableRows } from './document.ts';

test('CONTRIBUTING.md gives the reason for every dependency, and for nothing else', () => {
  const named = tableRows(documentOf('CONTRIBUTING.md'), 'package').flatMap(([cell = '']) => {
    const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => String(name));
    const [scope] = /^@[\w-]+\//.exec(names[0] ?? '') ?? [''];
    return names.map((name) => (isDependency(name) ? name : `${scope}${name}`));
  });
  const wanted = Object.keys(manifest.devDependencies);
  expect(named.filter((name) => name !== '@types/*').toSorted()).toEqual(
    wanted.filter((name) => !name.startsWith('@types/') || named.includes(name)).toSorted(),
  );
});

function isDependency(name: string): boolean {
  return name in manifest.devDependencies;
}

test('the package has no dependencies, because all that it needs is bundled', () => {
  expect(manifest).not.toHaveProperty('dependencies');
});

test('CONTRIBUTING.md names only files that exist', () => {
  const named = [...documentOf('CONTRIBUTING.md').matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.(?:ts|tsx|md|sql))`/g)];
  const paths = named.map(([, path]) => String(path));
  expect(paths.length).toBeGreaterThan(50);
  expect(paths.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
});
