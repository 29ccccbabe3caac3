import { spawn } from 'node:child_process';

/** A command as a shell would start it. */
export type Words = readonly string[];

/** The programs of the documents' examples. Those on the right of a pipe wait for the left side, which keeps the order. */
const PROGRAMS = `
report() { printf '%s\\0' "$@" >&3; printf '\\036\\0' >&3; }
aws() { report aws "$@"; }
curl() { report curl "$@"; }
eks-whois() { report eks-whois "$@"; }
items() { cat > /dev/null; report items "$@"; }
jq() { cat > /dev/null; report jq "$@"; }
sigv4=()
set -eu -o pipefail
`;

/**
 * Returns the commands that a block of a document would run, in order. A shell reads the block, with its loops, pipes and
 * quotes. `before` has the functions and variables that it uses.
 */
export async function commandsOf(
  block: string,
  environment: Readonly<Record<string, string>>,
  before = '',
): Promise<Words[]> {
  const child = spawn('bash', ['-c', `${before}${PROGRAMS}${block}`], {
    env: { PATH: process.env.PATH, EKS_WHOIS_CONFIG: process.env.EKS_WHOIS_CONFIG, ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  let reported = '';
  let errors = '';
  child.stdio[3]?.on('data', (piece: Buffer) => (reported += piece.toString('utf8')));
  child.stderr?.on('data', (piece: Buffer) => (errors += piece.toString('utf8')));
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (status !== 0) throw new Error(`A shell does not take this block (${String(status)}): ${errors}\n${block}`);
  return reported
    .split('\u001e\0')
    .slice(0, -1)
    .map((command) => command.split('\0').slice(0, -1));
}

/** `--key-condition-expression x` as `keyConditionExpression`; an option without a value is true, or false after `no-`. */
export function awsOptions(words: Words): Readonly<Record<string, string | boolean>> {
  const options: Record<string, string | boolean> = {};
  words.forEach((word, at) => {
    const [, no, name] = /^--(no-)?(.+)$/.exec(word) ?? [];
    if (name === undefined) return;
    const next = words[at + 1];
    const key = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    options[key] = next === undefined || next.startsWith('--') ? no === undefined : next;
  });
  return options;
}
