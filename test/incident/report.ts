import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import { REPOSITORY } from '../builders/command.ts';

/** A report without the one time in it that is of the run: before which sessions are to be revoked. */
export function withoutNow(text: string): string {
  return text.replace(/(aws:TokenIssueTime\W+)20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '$1NOW');
}

/** Holds a text against the file of this name in test/golden/incident; `UPDATE=1 npx vitest run test/incident` writes it. */
export function expectGolden(text: string, name: string): void {
  const path = join(REPOSITORY, 'test/golden/incident', name);
  if (process.env.UPDATE === '1') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

/** A report that was written as JSON. */
export function reportIn(output: string): IncidentReport & { readonly schemaVersion: number } {
  return JSON.parse(output) as IncidentReport & { readonly schemaVersion: number };
}
