import { describe, expect, it } from 'vitest';
import { bareRoleUser, eventBy } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { grant } from '../builders/trail-records.ts';

async function notes(events: readonly object[], ...options: readonly string[]): Promise<string> {
  using folder = new Folder();
  const audit = folder.file('audit.jsonl', events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const trail = folder.file('trail.jsonl', `${JSON.stringify(grant())}\n`);
  const { errors, status } = await runCommand(['attribute', '--audit', audit, '--cloudtrail', trail, ...options]);
  expect(status, errors).toBe(0);
  return errors;
}

const PROXY = 'system:serviceaccount:teleport:proxy';
const proxied = eventBy({ username: PROXY }, { auditID: 'proxied', impersonatedUser: { username: 'ana@example.com' } });

describe('a setting that matches no event', () => {
  it('is reported for username templates, each as it was written', async () => {
    const templates = ['--username-template', 'admin:{{SessionName}}', 'amdin:{{SessionName}}'];
    const errors = await notes([eventBy(bareRoleUser('admin:alice-session'))], ...templates);
    expect(errors).toContain("--username-template 'amdin:{{SessionName}}' matches none of 1 event");
    expect(errors).not.toContain("'admin:");
  });

  it('is reported for a template that is bound to another role than that of its usernames', async () => {
    const bound = 'arn:aws:iam::111122223333:role/other=admin:{{SessionName}}';
    const errors = await notes([eventBy(bareRoleUser('admin:alice-session'))], '--username-template', bound);
    expect(errors).toContain(`--username-template '${bound}' matches none of 1 event`);
  });

  it('is reported for trusted proxies that impersonate no user', async () => {
    const errors = await notes([proxied], '--trusted-proxy', PROXY, 'system:serviceaccount:teleport:prxoy');
    expect(errors).toContain('--trusted-proxy system:serviceaccount:teleport:prxoy impersonates nobody in 1 event');
    expect(errors).not.toContain(`${PROXY} acts`);
  });

  it('is not reported if nothing was configured', async () => {
    expect(await notes([proxied])).not.toMatch(/none of/);
  });
});
