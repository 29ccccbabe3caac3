import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';
import { codeBlocks, documentOf } from './document.ts';

const [ROOMS = ''] = codeBlocks(documentOf('docs/design.md'), 'text');

/** The first column of the drawing: a path at the beginning of a line, or several files of one folder. */
const NAMED = ROOMS.split('\n').flatMap((line) => {
  const [first, ...others] = (/^\S+(?: [\w-]+\.ts)*/.exec(line)?.[0] ?? '').split(' ').filter((name) => name !== '');
  return first === undefined ? [] : [first, ...others.map((name) => join(first, '..', name))];
});

describe('the drawing of the rooms', () => {
  it('names folders and files that there are', () => {
    expect(NAMED.length).toBeGreaterThan(20);
    expect(NAMED.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });

  it('names every folder and file of lib', () => {
    const inLib = readdirSync(join(REPOSITORY, 'lib')).map((name) => `lib/${name}`);
    const named = NAMED.filter((path) => path.startsWith('lib/')).map((path) => path.replace(/\/$/, ''));
    expect(named.toSorted()).toEqual(inLib.toSorted());
  });

  it('names what else runs', () => {
    for (const room of ['bin/eks-whois', 'cli/', 'functions/', 'infra/', 'local/']) expect(NAMED).toContain(room);
  });
});
