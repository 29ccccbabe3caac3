import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command as a shell would start it: the program and its arguments. */
export type Words = readonly string[];

const PROGRAMS = ['aws', 'eks-whois', 'npm', 'kubectl'];
const TELLING = PROGRAMS.map((name) => `${name}() { printf '%s\\0' ${name} "$@"; printf '\\036\\0'; }`).join('\n');

/** The commands that a step quotes. What is left to the reader, `<bucket>`, stands as `left-open`, times as one time. */
export function commandsIn(step: string): readonly string[] {
  return [...step.matchAll(/`([^`]+)`/g)].map(([, line = '']) =>
    line.replaceAll('<time>', '2026-03-10T08:00:00Z').replaceAll(/<[\w:' -]+>/g, 'left-open'),
  );
}

/** Parses a command line as the shell does, with its quotes, environment and redirections. Runs nothing. */
export function wordsOf(line: string): readonly Words[] {
  const folder = mkdtempSync(join(tmpdir(), 'eks-whois-steps-'));
  try {
    // The words of a command whose output would go to a file are reported too.
    const { status, stdout, stderr } = spawnSync('bash', ['-euc', `${TELLING}\n${line.replace(/ > \S+$/, '')}`], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`A shell does not take ${line}: ${stderr}`);
    return stdout
      .split('\u001e\0')
      .slice(0, -1)
      .map((command) => command.split('\0').slice(0, -1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
