import { linesOf, type Step, stepsBetween } from './line-steps.ts';

const CONTEXT = 3;

/**
 * A unified diff for a person; empty where nothing differs. Values that are secrets are masked, on unchanged lines too,
 * so it can be shown and kept, but not applied as a patch.
 */
export function maskedDiff(path: string, before: string, after: string): string {
  if (before === after) return '';
  const steps = stepsBetween(linesOf(before), linesOf(after));
  const hunks = hunksOf(steps);
  const heads = [`--- ${before === '' ? '/dev/null' : path}`, `+++ ${path}`];
  return `${[...heads, ...hunks.flat()].join('\n')}\n`;
}

/** The changes with a few lines around each; those that lie close together in one hunk. */
function hunksOf(steps: readonly Step[]): readonly (readonly string[])[] {
  const changed = steps.flatMap(({ kind }, index) => (kind === ' ' ? [] : [index]));
  const ranges: { start: number; end: number }[] = [];
  for (const index of changed) {
    const last = ranges.at(-1);
    if (last !== undefined && index - CONTEXT <= last.end) last.end = Math.min(index + CONTEXT + 1, steps.length);
    else ranges.push({ start: Math.max(index - CONTEXT, 0), end: Math.min(index + CONTEXT + 1, steps.length) });
  }
  return ranges.map(({ start, end }) => hunk(steps, start, end));
}

function hunk(steps: readonly Step[], start: number, end: number): readonly string[] {
  const count = (from: number, to: number, kind: '-' | '+') =>
    steps.slice(from, to).filter((step) => step.kind === ' ' || step.kind === kind).length;
  const range = (kind: '-' | '+') => {
    const lines = count(start, end, kind);
    return `${kind}${count(0, start, kind) + (lines === 0 ? 0 : 1)},${lines}`;
  };
  const lines = steps.slice(start, end).map(({ kind, line }, index) => {
    return `${kind}${masked(line, steps[start + index - 1]?.line ?? '')}`;
  });
  return [`@@ ${range('-')} ${range('+')} @@`, ...lines];
}

const SECRET = /^(.*?["']?(?:[\w-]*token|[\w-]*password|client-key-data|[\w-]*secret[\w-]*)["']?\s*[:=]\s*)\S.*$/i;
const LONG = /^(.*?["']?certificate(?:-authority)?-data["']?\s*:\s*)(["']?\S{12})(\S{24,})(\S{8})$/;

/** A variable of `exec.env` whose value, on the next line, is a secret. */
const SECRET_VARIABLE = /name:\s*["']?\w*(?:secret|token|password|key|proxy)/i;
const VALUE = /^(\s*value:\s*)\S.*$/;
/** A line of a key or certificate that goes over several. */
const ENCODED = /^(\s*)[A-Za-z0-9+/=]{40,}\s*$/;

/** Secrets are not shown; a certificate is shown by its ends and length, so that a changed one can be told. */
function masked(line: string, before: string): string {
  const secret = SECRET.exec(line) ?? (SECRET_VARIABLE.test(before) ? VALUE.exec(line) : null);
  if (secret !== null && !/:\s*\{\s*$/.test(line)) return `${secret[1]}REDACTED`;
  if (ENCODED.test(line)) return line.replace(ENCODED, '$1REDACTED');
  return line.replace(LONG, (_, key, start, middle: string, end) => `${key}${start}…(${middle.length} more)…${end}`);
}
