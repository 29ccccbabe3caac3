import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
  it('names only folders and files that exist', () => {
    expect(NAMED.length).toBeGreaterThan(20);
    expect(NAMED.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });

  it('names every folder and file of lib', () => {
    const inLib = readdirSync(join(REPOSITORY, 'lib')).map((name) => `lib/${name}`);
    const named = NAMED.filter((path) => path.startsWith('lib/')).map((path) => path.replace(/\/$/, ''));
    expect(named.toSorted()).toEqual(inLib.toSorted());
  });

  it('names the other folders whose code runs', () => {
    for (const room of ['bin/eks-whois', 'cli/', 'functions/', 'infra/', 'local/']) expect(NAMED).toContain(room);
  });
});

const [, WALKS = ''] = /\n## Two walks\n([\s\S]*?)\n## /.exec(documentOf('docs/design.md')) ?? [];

/** A paragraph or a step of a list: the files and folders that it names, and what is to be declared in one of them. */
const STEPS = WALKS.split(/\n\n|\n(?=\d+\. )/).map((step) => {
  const named = [...step.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  return { paths: named.filter(isPath), names: named.filter((name) => /^[a-z]\w+$/i.test(name)) };
});

function isPath(name: string): boolean {
  return /^[a-z]+\/[\w/.-]+$/.test(name);
}

describe('the two walks', () => {
  it('have more than fifteen steps that name files', () => {
    expect(STEPS.filter(({ paths }) => paths.length > 0).length).toBeGreaterThan(15);
  });

  it.each(STEPS.flatMap(({ paths }) => paths))('%s exists', (path) => {
    expect(existsSync(join(REPOSITORY, path))).toBe(true);
  });

  it.each(STEPS.flatMap(({ paths, names }) => names.map((name) => ({ name, paths }))))(
    '$name is declared in a file of its step',
    ({ name, paths }) => {
      const texts = paths
        .filter((path) => path.endsWith('.ts'))
        .map((path) => readFileSync(join(REPOSITORY, path), 'utf8'));
      const declared = new RegExp(
        `^(?:export )?(?:async )?(?:function\\*?|class|interface|type|const) ${name}\\b`,
        'm',
      );
      expect(texts.some((text) => declared.test(text))).toBe(true);
    },
  );
});
