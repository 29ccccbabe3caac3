import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

/** Runs an osls command in this terminal. Returns its exit status. */
export async function osls(command: string, options: readonly string[]): Promise<number> {
  const program = join(ROOT, 'node_modules/.bin/osls');
  const child = spawn(process.execPath, [program, command, ...options], { cwd: ROOT, stdio: 'inherit' });
  const [status] = await once(child, 'exit');
  return typeof status === 'number' ? status : 1;
}

/** Uses the profile of osls's `--aws-profile` in this process too, so that both use the same account. */
export function useProfile(options: readonly string[]): void {
  const at = options.findIndex((option) => /^--aws-profile(=|$)/.test(option));
  const profile = options[at]?.includes('=') ? options[at].split('=')[1] : options[at + 1];
  if (at !== -1 && profile) process.env.AWS_PROFILE = profile;
}

/** Returns the folder in which the command was typed. npm runs scripts in the checkout's root instead. */
export function startFolder(): string {
  return process.env.INIT_CWD ?? process.cwd();
}

/**
 * Sets the file of parameters for the processes of osls (infra/stack.ts). Undefined means no file, even if the
 * environment names one.
 */
export function useParameterFile(path: string | undefined): void {
  if (path === undefined) delete process.env.EKS_WHOIS_PARAMETER_FILE;
  else process.env.EKS_WHOIS_PARAMETER_FILE = path;
}
