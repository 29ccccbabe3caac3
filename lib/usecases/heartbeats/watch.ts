import type { Silence } from '../../attribution/silence.ts';
import { type Heartbeat, SHORTEST_PAUSE, silentSince } from '../../heartbeats/heartbeat.ts';
import { type EpochMillis, MINUTE } from '../../time.ts';
import { keepFound } from '../grants/wake.ts';
import type { HearingService } from './hear.ts';

/** How late CloudTrail's records usually are at most, in milliseconds (FACTS). A source that is silent for less may just be late. */
export const LATE_RECORDS = 15 * MINUTE;

/** Looks at all heartbeats. A source that is silent now becomes a fact, so that answers by name say that grants may be missing. */
export async function watch(service: HearingService): Promise<void> {
  const { heartbeats, clock } = service;
  const now = clock();
  const silences = (await heartbeats.all('source')).flatMap((source) => lastingSilence(source, now) ?? []);
  if (silences.length > 0)
    await keepFound(
      silences.map((silence) => ({ silence })),
      service,
      now,
    );
}

function lastingSilence(source: Heartbeat, now: EpochMillis): Silence | undefined {
  const from = silentSince(source, now, { shortest: SHORTEST_PAUSE, late: LATE_RECORDS });
  const [accountId = '', region = ''] = source.id.split(' ');
  return from === undefined ? undefined : { accountId, region, from };
}
