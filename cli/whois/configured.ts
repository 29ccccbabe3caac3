import type { Recognised } from '../../lib/recognise/recognition.ts';
import type { Subject } from '../../lib/recognise/subject.ts';
import { epochMillis } from '../../lib/time.ts';
import { describedRequest } from '../../lib/usecases/query/anything/described-request.ts';
import { chosenService } from '../access/service-choice.ts';
import { checkAnythingUsage, type WhoisOptions } from './usage.ts';

/**
 * The options, with the service that the environment or the configuration names where none of them says whom to ask, and
 * CloudTrail cannot be asked for what was pasted: people, roles, usernames, audit ids, described requests (CONTRACT, "Which service is asked").
 * @throws CommandError as `chosenService`, and where the options are none for a service.
 */
export async function withConfigured(options: WhoisOptions, recognised: Recognised): Promise<WhoisOptions> {
  const { api, table, cloudtrail } = options;
  if ((api ?? table ?? cloudtrail) !== undefined || !isOfTheService(recognised)) return options;
  const chosen = await chosenService({});
  if (chosen === undefined) return options;
  const { profile, region, ...service } = chosen;
  const asked: WhoisOptions = {
    ...options,
    ...service,
    ...(profile !== undefined && options.profile === undefined && { profile: [profile] }),
    ...(region !== undefined && options.region === undefined && { region: [region] }),
  };
  checkAnythingUsage(asked, epochMillis(Date.now()));
  return asked;
}

const OF_THE_SERVICE: readonly Subject['by'][] = ['person', 'role', 'username', 'audit-id'];

/** Whether the service knows of it by its name, or has the request that it describes, and CloudTrail does not. Of a UUID, which may be an event id as well, the service is asked first. */
export function isOfTheService({ subjects, events, reading, otherReadings }: Recognised): boolean {
  if (events.size > 0) return false;
  const isOne = (subject: Subject) => OF_THE_SERVICE.includes(subject.by) || describedRequest(subject) !== undefined;
  if (reading === 'first-known') return subjects[0] !== undefined && isOne(subjects[0]);
  return subjects.every((subject) => isOne(subject) || otherReadings.get(subject)?.some(isOne) === true);
}

/** Whether CloudTrail itself may know what the service did not. */
export function mayBeEventId({ subjects, otherReadings }: Recognised): boolean {
  return [...subjects, ...[...otherReadings.values()].flat()].some(({ by }) => by === 'event-id');
}
