import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../builders/command.ts';
import { type RunningService, startService } from '../service/running-service.ts';
import { startCommand } from './running-command.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService();
}, 180_000);

afterAll(async () => service?.stop());

const PLACE = ['--cluster', 'staging', '--namespace', 'payments'];

describe('the service that npm start runs', () => {
  it('is followed from a time on', async () => {
    const args = ['records', '--follow', '--interval', '0.2', '--api', service.url, ...PLACE];
    const following = startCommand([...args, '--from', '2026-03-10T12:00:00Z']);
    await following.until('feature-flags');
    expect(await following.interrupt()).toBe(0);
    const times = following.said.output.split('\n').flatMap((line) => /^2026\S+/.exec(line)?.[0] ?? []);
    expect(times.length).toBeGreaterThan(1);
    expect(times).toEqual(times.toSorted());
    expect(times[0] ?? '').toMatch(/^2026-03-10T1[2-9]/);
  });

  it('is summed up', async () => {
    const ran = await runCommand(['records', '--summary', '--api', service.url, ...PLACE]);
    expect(ran.status).toBe(0);
    expect(ran.output).toMatch(/username legacy-ops .* unattributed +1 /);
    expect(ran.output).toMatch(/ben\.okafor or ana\.silva: .* ambiguous +2 /);
  });

  it('lists forged names', async () => {
    const args = ['sessions', '--forged', '--cluster', 'prod', '--namespace', 'orders', '--api', service.url];
    const { output } = await runCommand(args);
    expect(output).toMatch(/session-name-claims-other-actor +AROA\w+:ana\.silva .* dmitri\.volkov /);
  });
});
