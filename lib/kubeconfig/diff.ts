import { awsConfigSecrets } from './aws-config-secrets.ts';
import { kubeconfigSecrets } from './kubeconfig-secrets.ts';
import { linesOf, type Step, stepsBetween } from './line-steps.ts';
import { type Hidden, maskedLines, REDACTED } from './mask.ts';

const CONTEXT = 3;

/** What a file is, which says where its secrets lie. */
export type Format = 'kubeconfig' | 'aws-config';

const SECRETS: Readonly<Record<Format, (text: string) => readonly Hidden[]>> = {
  kubeconfig: kubeconfigSecrets,
  'aws-config': awsConfigSecrets,
};

/**
 * A unified diff for a person; empty where nothing differs. Values that are secrets are masked, on unchanged lines too,
 * so it can be shown and kept, but not applied as a patch.
 */
export function maskedDiff(path: string, before: string, after: string, format: Format): string {
  if (before === after) return '';
  const [old, now] = [before, after].map((text) => maskedLines(text, SECRETS[format](text)));
  const steps = masked(stepsBetween(linesOf(before), linesOf(after)), old ?? [], now ?? []);
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
  const lines = steps.slice(start, end).map(({ kind, line }) => `${kind}${line}`);
  return [`@@ ${range('-')} ${range('+')} @@`, ...lines];
}

/** The steps with the lines masked; a line that stays may be a secret in one of the texts only. */
function masked(steps: readonly Step[], before: readonly string[], after: readonly string[]): readonly Step[] {
  let [read, written] = [0, 0];
  return steps.map(({ kind, line }) => {
    const old = kind === '+' ? line : (before[read++] ?? REDACTED);
    const now = kind === '-' ? line : (after[written++] ?? REDACTED);
    return { kind, line: old === line || old === now ? now : now === line ? old : REDACTED };
  });
}
