import { describe, expect, it } from 'vitest';
import { sharedCredentials } from '../../lib/adapters/aws/shared-credentials.ts';
import { Pacer } from '../../lib/adapters/cloudtrail/pacer.ts';
import { Slots } from '../../lib/adapters/cloudtrail/slots.ts';

/** Requests that end when the test ends them, in the order in which they began. */
class Requests {
  readonly begun: string[] = [];
  readonly #ends: (() => void)[] = [];
  readonly #slots: Slots;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  send(host: string, signal?: AbortSignal): Promise<void> {
    return this.#slots.run(host, signal, () => {
      this.begun.push(host);
      return new Promise<void>((resolve) => this.#ends.push(resolve));
    });
  }

  async endNext(): Promise<void> {
    this.#ends.shift()?.();
    await begun();
  }
}

/** Waits until everything that may begin has begun. */
function begun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('concurrent requests', () => {
  it('are limited in all, and those that wait for one host take turns with those for another', async () => {
    const requests = new Requests(new Slots({ most: 2, mostOfHost: 2 }));
    for (const host of ['a', 'a', 'a', 'a', 'b', 'b']) void requests.send(host);
    await begun();
    expect(requests.begun).toEqual(['a', 'a']);
    for (let ended = 0; ended < 4; ended += 1) await requests.endNext();
    expect(requests.begun).toEqual(['a', 'a', 'a', 'b', 'a', 'b']);
  });

  it('to a host that does not answer leave slots for the others', async () => {
    const requests = new Requests(new Slots({ most: 4, mostOfHost: 2 }));
    for (const host of ['silent', 'silent', 'silent', 'b', 'b']) void requests.send(host);
    await begun();
    expect(requests.begun).toEqual(['silent', 'silent', 'b', 'b']);
  });

  it('wait no longer than the signal, and a request that gave up takes no slot', async () => {
    const requests = new Requests(new Slots({ most: 1, mostOfHost: 1 }));
    const over = new AbortController();
    void requests.send('a');
    const late = requests.send('b', over.signal);
    void requests.send('c');
    over.abort(new Error('the time is over'));
    await expect(late).rejects.toThrow('the time is over');
    await requests.endNext();
    expect(requests.begun).toEqual(['a', 'c']);
  });
});

it('a request that waited for a slot after its turn delays the next of its account and Region', async () => {
  let now = 0;
  const waits: number[] = [];
  const wait = async (milliseconds: number) => void waits.push(milliseconds);
  const pacer = new Pacer(1, { now: () => now, wait });
  await pacer.turn();
  now = 5_000;
  pacer.sent();
  await pacer.turn();
  expect(waits).toEqual([1_030]);
});

describe('the credentials of a role', () => {
  const until = (expiration: number) => ({
    accessKeyId: 'ASIA',
    secretAccessKey: 's',
    sessionToken: 't',
    expiration: new Date(expiration),
  });
  const MINUTE = 60_000;

  it('are requested once for any number of users, and again five minutes before they expire', async () => {
    let requestCount = 0;
    let now = 0;
    const credentials = sharedCredentials(
      async () => {
        requestCount += 1;
        return until(now + 60 * MINUTE);
      },
      () => now,
    );
    await Promise.all(Array.from({ length: 17 }, () => credentials()));
    now = 55 * MINUTE;
    await credentials();
    expect(requestCount).toBe(1);
    now += 1;
    await Promise.all([credentials(), credentials()]);
    expect(requestCount).toBe(2);
  });

  it('are requested again after a failure', async () => {
    const answers = [Promise.reject(new Error('no answer')), Promise.resolve(until(60 * MINUTE))];
    const credentials = sharedCredentials(
      () => answers.shift() ?? Promise.reject(new Error('asked too often')),
      () => 0,
    );
    await expect(Promise.all([credentials(), credentials()])).rejects.toThrow('no answer');
    expect((await credentials()).accessKeyId).toBe('ASIA');
  });
});
