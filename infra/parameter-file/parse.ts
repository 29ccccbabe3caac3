import type { Document, YAMLParseError } from 'yaml';
import { documentOf } from '../../lib/kubeconfig/document.ts';
import type { Checked } from '../parameter-kinds.ts';
import { lineAt } from './node-text.ts';
import type { ParameterFile, Problem } from './parameter-file.ts';
import { Reading } from './reading.ts';

/**
 * Reads the text of such a file. Its values are texts as they stand there: YAML's numbers would cost an account's id its zeros.
 * What is wrong is told all at once, each with its line; the words may be the file's own, so escape them for a terminal.
 * @throws KubeconfigError where YAML is nested too deeply to be read.
 */
export function parseParameterFile(path: string, text: string): Checked<ParameterFile> {
  const document = documentOf(path, text);
  const faults = faultsOf(document);
  if (faults.length > 0)
    return told(
      path,
      faults.map((fault) => ({ line: lineAt(text, fault.pos[0]), says: reasonOf(fault) })),
    );
  const reading = new Reading(text);
  const file = { path, ...reading.top(document.contents) };
  return reading.problems.length === 0 ? { ok: true, value: file } : told(path, reading.problems);
}

function told(path: string, problems: readonly Problem[]): Checked<never> {
  const inOrder = [...problems].sort((a, b) => a.line - b.line);
  return { ok: false, problems: inOrder.map(({ line, says }) => `${path}:${line}: ${ended(says)}`) };
}

function ended(sentence: string): string {
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
}

type Fault = Pick<YAMLParseError, 'code' | 'message' | 'pos'>;

/** One that is open makes others of what follows. */
const MOST_FAULTS = 3;
const TOO_DEEP = 'Maximum call stack';

/** What is no YAML. Keys that stand twice are told with the other mistakes, by their names. */
function faultsOf({ errors, warnings }: Document): readonly Fault[] {
  const faults = [...errors, ...warnings].filter(({ code }) => code !== 'DUPLICATE_KEY');
  const isTooDeep = faults.some(({ message }) => message.startsWith(TOO_DEEP));
  return faults.slice(0, isTooDeep ? 1 : MOST_FAULTS);
}

function reasonOf({ code, message }: Fault): string {
  if (code === 'MULTIPLE_DOCS') return 'here begins another document: a file is one';
  if (code === 'TAB_AS_INDENT') return 'a tab is not allowed as indentation: write spaces';
  if (message.startsWith(TOO_DEEP)) return 'this is nested too deeply to be read';
  const [line = ''] = message.split('\n');
  return `this cannot be read as YAML: ${line.replace(/ at line \d+, column \d+:?$/, '')}`;
}
