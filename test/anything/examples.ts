import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject, listAt, parseJson, textAt } from '../../lib/json.ts';
import { REPOSITORY } from '../builders/command.ts';

/** The examples as a newcomer has them, given by their paths from the repository. */
export const FILES = ['--cloudtrail', 'examples/cloudtrail', '--audit', 'examples/audit'];

/** The audit events of prod's day, each as the line of text that it is in the log. */
export function exampleLines(): readonly string[] {
  const folder = join(REPOSITORY, 'examples/audit/prod');
  const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  return lines.flatMap((line) => {
    const parsed = parseJson(line);
    const events = parsed.ok && isJsonObject(parsed.value) ? (listAt(parsed.value, 'logEvents') ?? []) : [];
    return events.filter(isJsonObject).flatMap((event) => textAt(event, 'message') ?? []);
  });
}

/** The first line of the log that has this in it. */
export function exampleLine(part: string): string {
  const found = exampleLines().find((line) => line.includes(part));
  if (found === undefined) throw new Error(`no example has ${part}`);
  return found;
}

/** The first line of a file of the audit log that has this in it, as it stands there. */
export function exampleOf(file: string, part: string): string {
  const lines = readFileSync(join(REPOSITORY, 'examples/audit', file), 'utf8').split('\n');
  const found = lines.find((line) => line.includes(part));
  if (found === undefined) throw new Error(`no line of ${file} has ${part}`);
  return found;
}

/** The commands that an answer printed behind `Next:`, as arguments of the command line. */
export function printedCommands(output: string): readonly (readonly string[])[] {
  const [, next = ''] = output.split('\nNext:\n');
  return next
    .split('\n')
    .filter((line) => /^ {2}(?:npx )?eks-whois /.test(line))
    .map((line) => wordsOf(line.trim().replace(/^npx /, '')).slice(1));
}

/** Splits a line of words and single quotes as a POSIX shell does. */
export function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:[^\s']+|'[^']*'|\\')+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|\\(')/g, (_, inner: string | undefined, quote) => inner ?? quote));
}

export function jsonOf(output: string): JsonObject {
  const parsed = parseJson(output);
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new Error(`no JSON object: ${output.slice(0, 200)}`);
  return parsed.value;
}

/** Ana's first exec into a pod of orders. */
export const EXEC = '"auditID":"60e442b4-3ced-423b-a0e2-2c3a7220f24e"';
