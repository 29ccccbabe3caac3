import { rmSync } from 'node:fs';
import { Server } from 'node:http';
import { admitInsider, admitOwner } from '../loopback/admission.ts';
import { guardedEmit, portOf } from '../loopback/guard.ts';
import { LocalClock } from './local-clock.ts';
import type { Barrier, PassedBarrier } from './offline-messages.ts';

/**
 * Loaded first in the process in which serverless-offline runs the handlers. It sets the service's time in `Date.now`,
 * which the handlers call as in Lambda. It also guards the servers, since serverless-offline would answer every web
 * page.
 */
const clock = new LocalClock(undefined, Date.now);
clock.run();
Date.now = () => clock.now();

const port = Number(setting('EKS_WHOIS_PORT'));
const secret = setting('EKS_WHOIS_SECRET');
const bundles = setting('EKS_WHOIS_BUNDLES'); // Relative to the checkout, which is the working directory.
Server.prototype.emit = guardedEmit(Server.prototype.emit, (arriving, server) =>
  portOf(server) === port ? admitOwner(arriving) : admitInsider(secret, arriving),
);

process.on('message', ({ time, id }: Barrier) => {
  clock.set(time);
  const passed: PassedBarrier = { passed: id };
  process.send?.(passed);
});
process.on('disconnect', () => {
  rmSync(bundles, { recursive: true, force: true });
  process.exit(); // The parent process is gone.
});

function setting(name: string): string {
  const value = process.env[name] ?? '';
  if (value === '') throw new Error(`${name} is missing.`); // Without a secret every request would be admitted.
  return value;
}
