import { describe, expect, it } from 'vitest';
import { FLAGS } from '../../lib/attribution/flags.ts';
import { type CountedRecord, contributionsOf } from '../../lib/counts/contribution.ts';
import { HourCounter, sumOf } from '../../lib/counts/hour-counts.ts';
import { lagPlace, lagWithin } from '../../lib/counts/lag.ts';
import { LEFT_OUT, type Traits, traitsOf } from '../../lib/counts/traits.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import { epochMillis, SECOND } from '../../lib/time.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { NOW } from '../contract/now.ts';
import { storedRecord } from '../contract/stored-record.ts';

const TRAITS: Traits = {
  status: 'attributed',
  verb: 'get',
  actor: 'alice',
  namespace: 'shop',
  resource: 'pods',
  code: '200',
  flag: undefined,
};

function counted(id: string, traits: Partial<Traits> = {}): CountedRecord {
  return {
    id,
    revision: 1,
    at: NOW,
    clusterKey: clusterKeyOf({ cluster: 'prod-1' }),
    traits: { ...TRAITS, ...traits },
  };
}

const valuesOf = (records: readonly CountedRecord[], trait: keyof Traits) =>
  contributionsOf(records).flatMap(({ entries }) => entries.map(({ traits }) => traits[trait]));

describe('what a record counts for', () => {
  it('is what questions ask for: each value is a filter, and the actor is the ID with the name', () => {
    const objectRef = {
      resource: 'deployments',
      apiGroup: 'apps',
      subresource: 'scale',
      namespace: 'shop',
      name: 'web',
    };
    const by = grant({ until: '2026-03-10T23:00:00Z', by: iamUser('alice') });
    expect(traitsOf(storedRecord({ objectRef, verb: 'PATCH' }, [by]).record)).toEqual({
      status: 'attributed',
      verb: 'patch',
      actor: 'iam-user/111122223333/AIDAALICE000000000000 alice',
      namespace: 'shop',
      resource: 'deployments.apps/scale',
      code: '200',
      flag: undefined,
    });
  });

  it('is nothing for a field that the event lacks, and has a word of its own for cluster-wide requests', () => {
    const bare = { objectRef: undefined, verb: undefined, responseStatus: undefined };
    expect(traitsOf(storedRecord(bare as never).record)).toMatchObject({
      verb: undefined,
      resource: undefined,
      code: undefined,
      namespace: '-',
      actor: undefined,
    });
  });
});

describe('what is stored of a batch', () => {
  it('has the most frequent names of its records, as many as there is room for', () => {
    const rare = Array.from({ length: 100 }, (_, at) => counted(`rare ${at}`, { actor: `${at}`.padEnd(200, 'x') }));
    const usual = Array.from({ length: 3 }, (_, at) => counted(`usual ${at}`, { actor: 'u'.repeat(200) }));
    const actors = valuesOf([...rare, ...usual], 'actor');
    expect(actors.slice(-3)).toEqual(usual.map(() => 'u'.repeat(200)));
    expect(actors.filter((actor) => actor === LEFT_OUT).length).toBeGreaterThan(80);
    expect(valuesOf([...rare, ...usual], 'status')).toEqual(Array(103).fill('attributed'));
  });

  it.each([{ status: 'unattributed' }, { verb: 'delete' }, { code: '403' }, { flag: FLAGS.join(' ') }])(
    'has %o, whatever names clients write beside it',
    (grave) => {
      const lengths = [250, 250, 250, 250, 250, 250, 169];
      const noise = Array.from({ length: 49 }, (_, at) =>
        counted(`noise ${at}`, { namespace: `${at % 7}`.padEnd(lengths[at % 7] ?? 0, 'x') }),
      );
      const [stored] = contributionsOf([...noise, counted('grave', grave)]);
      expect(stored?.entries.at(-1)?.traits).toMatchObject(grave);
    },
  );

  it('has no unknown verb, so that real verbs stay among the most frequent of an hour', () => {
    expect(valuesOf([counted('a', { verb: 'exfiltrate' }), counted('b', { verb: 'post' })], 'verb')).toEqual([
      LEFT_OUT,
      'post',
    ]);
  });

  it('has no name that is longer than people read', () => {
    expect(
      valuesOf([counted('a', { actor: 'x'.repeat(257) }), counted('b', { actor: '日'.repeat(85) })], 'actor'),
    ).toEqual([LEFT_OUT, '日'.repeat(85)]);
  });
});

describe('the sum of hours', () => {
  const countsOf = (...records: readonly CountedRecord[]) => {
    const counting = new HourCounter();
    counting.add(records, NOW);
    return counting.counts;
  };

  it('has what each of them lists, and the rest among the others', () => {
    const many = Array.from({ length: 80 }, (_, at) => counted(`${at}`, { actor: `actor ${at % 60}` }));
    const hour = countsOf(...many);
    expect(hour.by.actor.values).toHaveLength(50);
    expect(hour.by.actor.others).toBe(10);
    const day = sumOf([hour, countsOf(counted('one', { actor: undefined })), hour], 3);
    expect(day.total).toBe(161);
    expect(day.by.actor.values.map(([, count]) => count)).toEqual([4, 4, 4]);
    expect(day.by.actor.none).toBe(1);
    expect(day.by.actor.others).toBe(161 - 1 - 12);
  });

  it('has the time of its newest record, and none without records', () => {
    expect(sumOf([])).toMatchObject({ total: 0 });
    expect(sumOf([]).last).toBeUndefined();
    const later = new HourCounter();
    later.add([counted('b')], epochMillis(NOW + 1));
    expect(sumOf([later.counts, countsOf(counted('a'))]).last).toBe(NOW + 1);
  });
});

describe('how long answers took', () => {
  it('is read as the end of the interval that has the share', () => {
    const histogram: number[] = [];
    for (const seconds of [0.5, 0.7, 3, 3, 3, 3, 3, 3, 3, 1_700]) {
      const place = lagPlace(seconds * SECOND);
      histogram[place] = (histogram[place] ?? 0) + 1;
    }
    const whole = Array.from(histogram, (count = 0) => count);
    expect([0.1, 0.5, 0.9, 0.95].map((share) => lagWithin(whole, share))).toEqual([1, 5, 5, 1_800]);
  });

  it('is unknown without answers, and has no upper end in the last interval', () => {
    expect(lagWithin([0, 0], 0.5)).toBeUndefined();
    const histogram = Array<number>(lagPlace(Number.POSITIVE_INFINITY)).fill(0);
    expect(lagWithin([...histogram, 4], 0.5)).toBe(Number.POSITIVE_INFINITY);
  });
});
