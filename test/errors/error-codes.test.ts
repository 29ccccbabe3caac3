import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';

const ROOMS = ['lib', 'functions', 'infra', 'cli', 'local'].map((room) => `${room}/**/*.ts`);

/** Every class of ours that is an error, with what it is one of and the code that it bears itself. */
const CLASSES = globSync(ROOMS, { cwd: REPOSITORY })
  .map((path) => readFileSync(`${REPOSITORY}/${path}`, 'utf8'))
  .flatMap((text) => [...text.matchAll(/class (\w+) extends (\w*Error) \{(?:\}|\n([\s\S]*?)\n\})/g)])
  .map(([, name = '', parent = '', body = '']) => ({
    name,
    parent,
    code: /^ {2}(?:override )?readonly code = '([\w-]+)' satisfies ErrorCode;$/m.exec(body)?.[1],
    asksForOne: /^ {2}abstract readonly code: Extract<ErrorCode, /m.test(body),
  }));

test('the name of every error class ends in Error, and the class has a code of its own or that of its base class', () => {
  const own = new Set(CLASSES.flatMap(({ name, code, asksForOne }) => (code || asksForOne ? [name] : [])));
  expect(CLASSES.length).toBeGreaterThan(20);
  expect(CLASSES.filter(({ name }) => !name.endsWith('Error'))).toEqual([]);
  expect(CLASSES.filter(({ name, parent }) => !own.has(name) && !own.has(parent))).toEqual([]);
});

test('no two classes have one code, and ErrorCode lists no code that no class has', () => {
  const codes = CLASSES.flatMap(({ code }) => code ?? []);
  const union = readFileSync(`${REPOSITORY}/lib/error-code.ts`, 'utf8').match(/(?<=^ {2}\| ')[\w-]+/gm) ?? [];
  expect(codes.toSorted()).toEqual([...union].toSorted());
});
