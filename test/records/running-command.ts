import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { REPOSITORY } from '../builders/command.ts';

/** `eks-whois …` as a process that goes on until it is stopped. */
export interface RunningCommand {
  readonly printed: { readonly output: string; readonly errors: string };
  /** Waits until standard output or standard error has it. */
  until(pattern: RegExp | string): Promise<void>;
  /** Ctrl-C; answers with the exit status. */
  interrupt(): Promise<number | null>;
  /** Resolves with the exit status when the command ends, whatever ends it. */
  ended(): Promise<number | null>;
  readonly child: ChildProcess;
}

export function startCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  /** `ipc`: the process learns when its parent is gone. */
  channel: 'ipc' | 'ignore' = 'ignore',
): RunningCommand {
  const child = spawn(process.execPath, [`${REPOSITORY}/bin/eks-whois`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', channel],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  });
  const printed = { output: '', errors: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed.output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed.errors += text;
  });
  const end = once(child, 'close').then(([status]) => status as number | null);
  const has = (pattern: RegExp | string) => {
    const all = printed.output + printed.errors;
    return typeof pattern === 'string' ? all.includes(pattern) : pattern.test(all);
  };
  return {
    printed,
    child,
    async until(pattern) {
      while (!has(pattern)) {
        if (child.exitCode !== null || child.signalCode !== null) {
          await end; // what it printed last may still be in the pipe
          if (has(pattern)) return;
          throw new Error(`It never printed ${pattern}:\n${printed.output}\n${printed.errors}`);
        }
        await sleep(10);
      }
    },
    async interrupt() {
      child.kill('SIGINT');
      return end;
    },
    ended: () => end,
  };
}
