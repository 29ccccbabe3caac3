import { rmSync } from 'node:fs';
import { Server } from 'node:http';
import { admitInsider, admitOwner } from '../loopback/admission.ts';
import { guardedEmit, portOf } from '../loopback/guard.ts';
import { LocalClock } from './local-clock.ts';
import type { Barrier, PassedBarrier } from './offline-messages.ts';

/**
 * Loaded into the process in which serverless-offline runs the handlers, before anything else: it lets them go by the
 * service's time, which they ask `Date.now` for as they do in Lambda, and guards the servers, which serverless-offline lets
 * answer every web page.
 */
const clock = new LocalClock(undefined, Date.now);
clock.run();
Date.now = () => clock.now();

const port = Number(setting('EKS_WHOIS_PORT'));
const secret = setting('EKS_WHOIS_SECRET');
const bundles = setting('EKS_WHOIS_BUNDLES'); // from the checkout on, in which this runs
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
  process.exit(); // whoever started it is gone
});

function setting(name: string): string {
  const value = process.env[name] ?? '';
  if (value === '') throw new Error(`${name} is missing.`); // without a secret everybody would be let in
  return value;
}
