import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import { serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { keylessSession, withUnissuedKeys } from '../../lib/usecases/query/anything/unissued-keys.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { servicePlace } from './places.ts';
import { noteOf, type ServiceAnswer } from './service.ts';
import type { WhoisOptions } from './usage.ts';

/**
 * Adds to the service's answer the callers who used the session with an access key that no grant issued, as `whois
 * <anything>` does (CONTRACT, 12.17). Only a question about a session without an access key can have such callers.
 */
export async function withOthersOfSession(
  answer: ServiceAnswer,
  options: WhoisOptions,
  service: ServiceAccess,
  settings: AttributionSettings,
): Promise<ServiceAnswer> {
  const session = options.auditId === undefined ? keylessSession(options) : undefined;
  if (session === undefined) return answer;
  const { at, lookback } = options;
  const informant = new Informant(serviceSources(servicePlace(service), { at, lookback }, settings));
  const { attribution, caller = {} } = answer;
  const outcome = { kind: 'attributed', attribution, caller, note: noteOf(answer) } as const;
  const found = withUnissuedKeys(outcome, await informant.unissuedKeys(session, at));
  const { unidentified, note, isComplete } = found;
  return {
    ...answer,
    attribution: found.attribution,
    unidentified,
    note,
    ...(isComplete === false && { isComplete }),
  };
}
