import { vi } from 'vitest';

/**
 * From here on this process is one in which Lambda starts a function, until `leaveLambda`: it has these variables, and each
 * line of its log goes to `note`. Powertools changes the variable and the console that are named here besides.
 */
export function enterLambda(
  variables: Readonly<Record<string, string>>,
  note: (line: unknown) => void = () => undefined,
) {
  for (const [name, value] of Object.entries({ AWS_SDK_UA_APP_ID: '', ...variables })) vi.stubEnv(name, value);
  for (const method of ['log', 'info', 'warn', 'error', 'trace'] as const)
    vi.spyOn(console, method).mockImplementation(note);
}

export function leaveLambda(): void {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
}

/** Returns the bytes of these lines as CloudWatch Logs charges them: 26 more for each. With POWERTOOLS_DEV, Powertools indents its lines. */
export function bytesOfLog(lines: readonly string[]): number {
  const written = lines.map((line) => (line.startsWith('{') ? JSON.stringify(JSON.parse(line)) : line));
  return written.reduce((sum, line) => sum + 26 + Buffer.byteLength(line), 0);
}
