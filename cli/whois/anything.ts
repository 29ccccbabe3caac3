import { LookupError } from '../../lib/adapters/cloudtrail/lookup-error.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { present } from '../../lib/json.ts';
import { asRequests, type Recognition, type RecognizedText, refusalText } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import type { Subject } from '../../lib/recognize/subject.ts';
import { type EpochMillis, epochMillis } from '../../lib/time.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { describedRequest } from '../../lib/usecases/query/anything/described-request.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import { type AnythingAnswer, anythingBody, statusesOf } from '../../lib/usecases/query/anything/outcomes.ts';
import { serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { flawOf } from '../../lib/usecases/query/filter.ts';
import { escapeLines, plainJson } from '../../lib/words/escape.ts';
import { type ServiceAccess, type ServiceOptions, serviceAccess } from '../access/service-access.ts';
import { chosenService } from '../access/service-choice.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { viewOf } from '../options/view-options.ts';
import { untilInterrupted } from '../terminal/interruption.ts';
import { outputTo } from '../terminal/text-output.ts';
import { type AnswerView, anythingText, sharedNote } from './anything-text.ts';
import { requestsAbout, withPlaces, withPlacesIn } from './command-texts.ts';
import { gravestStatus } from './exit-status.ts';
import { checkHistory, history, reportText } from './look-ups.ts';
import { type NamedThing, namedThings, nameOfNobody, withThings } from './named-things.ts';
import { nextCommands } from './next.ts';
import { type FilesPlace, filesPlace, historyPlace, servicePlace, type WhoisQuestion } from './places.ts';
import { checkAnythingUsage, type WhoisOptions } from './usage.ts';

/** Runs `whois` on pasted text. `commands` are the names of all commands. */
export async function anythingAction(
  text: string,
  options: WhoisOptions,
  settings: AttributionSettings,
  commands: readonly string[],
): Promise<void> {
  const recognized = recognizedOf(text, options);
  const output = outputTo(options.outputFile);
  const { chosen, ...found } = await answerOf({ options, recognized, settings });
  const { things } = found;
  const answer = withPlacesIn(found.answer, chosen);
  const next = nextCommands(answer, { options: chosen, text: text.trim(), commands, things });
  const shown = shownOf(chosen);
  if (options.format === 'json') output.write(`${plainJson({ ...flattened(answer), next })}\n`);
  else output.write(anythingText(answer, next, shown));
  if (options.format === 'json') process.stderr.write(sharedNote(answer, shown));
  await output.end();
  process.exitCode = gravestStatus(statusesOf(answer));
}

/** Returns the recognized text. @throws CommandError if it names nothing to look up, with what it is and what to do. */
export function recognizedOf(text: string, options: WhoisOptions): RecognizedText {
  const { api, table, cloudtrail, audit } = options;
  const hasLog = (api ?? table) !== undefined || (cloudtrail !== undefined && audit !== undefined);
  const found = recognize(text, inflatePayload);
  const recognition = hasLog ? asRequests(found) : found;
  if (recognition.outcome === 'subjects') return recognition;
  throw wrongUsage(refusalText(recognition, adviceOf(recognition, options)));
}

/** Returns the advice, with the whole command if the text says enough for it. */
function adviceOf(recognition: Exclude<Recognition, RecognizedText>, options: WhoisOptions): string {
  const object = recognition.outcome === 'elsewhere' ? recognition.object : undefined;
  if (object !== undefined) return `List the requests to it: ${requestsAbout('object', object, options)}`;
  const cluster = recognition.outcome === 'elsewhere' ? recognition.clusterArn : undefined;
  if (cluster !== undefined) return `List the requests to it: ${requestsAbout('cluster', cluster, options)}`;
  const ip = recognition.outcome === 'elsewhere' ? recognition.ip : undefined;
  const flaw = ip === undefined ? undefined : flawOf('ip', ip);
  if (ip === undefined || flaw !== undefined) return flaw ?? withPlaces(recognition.advice, options);
  return `List the requests from it: ${requestsAbout('ip', ip, options)}`;
}

/** An informant, and the service or files behind it. */
export interface InformedPlace {
  readonly informant: Informant;
  readonly service?: ServiceAccess;
  readonly files?: FilesPlace;
}

interface NamedAnswer {
  readonly answer: AnythingAnswer;
  /** Other things with the name, if no person and no role has it. */
  readonly things: readonly NamedThing[];
}

/** An answer and the options that led to it. */
interface AnswerOf extends NamedAnswer {
  readonly chosen: WhoisOptions;
}

/**
 * Answers from the configured service if it may know more than CloudTrail does. If the service does not know a UUID,
 * looks it up in CloudTrail as an event ID.
 */
async function answerOf(asking: WhoisQuestion): Promise<AnswerOf> {
  const { options, recognized } = asking;
  const chosen = await withConfigured(options, recognized);
  const answered = await answerBy({ ...asking, options: chosen });
  const isUnknown = answered.answer.found.every(({ outcome }) => outcome.kind === 'not-known');
  if (chosen === options || !isUnknown || !mayBeEventId(recognized)) return { ...answered, chosen };
  note('The service has no such audit ID. Looking it up in CloudTrail as an event ID.');
  return { ...(await answerBy(asking)), chosen: options };
}

function answerBy(asking: WhoisQuestion): Promise<NamedAnswer> {
  return withInformant(asking, async (place) => {
    const answer = await answerAnything(asking.recognized, place.informant, asking.options.at);
    const name = nameOfNobody(asking.recognized, answer);
    const things = name === undefined ? [] : await namedThings(name, place);
    return { answer: withThings(answer, things), things };
  });
}

/** Runs the work with the service, the files or the event history, as the options say. */
export async function withInformant<T>(asking: WhoisQuestion, work: (place: InformedPlace) => Promise<T>): Promise<T> {
  const { options, settings } = asking;
  const { api, table, profile = [], region = [], at, lookback, serviceFrom } = options;
  const named = present<ServiceOptions>({ api, table, profile: profile[0], region: region[0], serviceFrom });
  const service = serviceAccess(named, settings);
  if (service !== undefined)
    return work({
      service,
      informant: new Informant(serviceSources(servicePlace(service), { at, lookback }, settings)),
    });
  if (options.cloudtrail === undefined) return untilInterrupted((signal) => withHistory(asking, work, signal));
  const files = await filesPlace(asking);
  return work({ files, informant: new Informant(files) });
}

async function withHistory<T>(
  asking: WhoisQuestion,
  work: (place: InformedPlace) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { options, settings } = asking;
  const times = timesOf(asking);
  for (const at of times) checkHistory(at);
  const when = { ...options, at: times[0] };
  const found = await history(when, settings, signal);
  try {
    const place = historyPlace(asking, found);
    const answer = await work({ informant: new Informant(place) });
    process.stderr.write(escapeLines(reportText(found.source.report, when)));
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof LookupError)) throw error;
    const advice = isOfTheService(asking.recognized) ? ` ${WHO_KNOWS_NAMES}` : '';
    throw new CommandError(`${error.message}${advice}`, 1, { cause: error });
  }
}

const WHO_KNOWS_NAMES =
  'CloudTrail does not have all people, roles and usernames. To find more of them, query a service (--api, --table, or eks-whois configure) or files (--audit PATH --cloudtrail PATH).';

/** Returns the times of the requests, from the options or the text. */
function timesOf({ options: { at }, recognized }: WhoisQuestion): readonly EpochMillis[] {
  return at === undefined ? recognized.subjects.flatMap(({ circumstances }) => circumstances.at ?? []) : [at];
}

function shownOf(options: WhoisOptions): AnswerView {
  const { cloudtrail, at, api, table, outputFile } = options;
  return {
    isOfFiles: cloudtrail !== undefined,
    isOfService: (api ?? table) !== undefined,
    hasTime: at !== undefined,
    view: viewOf(outputFile === undefined ? {} : { outputFile }),
    recordsOfId: (auditId) => requestsAbout('auditId', auditId, options),
  };
}

/** Returns the JSON of `whois`: the attribution with its caller, or a list of several. */
function flattened(answer: AnythingAnswer): object {
  const body = anythingBody(answer);
  if (!('attribution' in body) || typeof body.attribution !== 'object') return body;
  const { attribution, ...rest } = body;
  return { ...attribution, ...rest };
}

/**
 * Returns the options, with the service from the environment or the configuration if it is needed. It is needed if the
 * options name no place to search, and CloudTrail cannot be searched for the text. Such texts are people, roles,
 * usernames, audit IDs and described requests (CONTRACT, "Which service is asked").
 * @throws CommandError as `chosenService`, and if the options do not apply to a service.
 */
async function withConfigured(options: WhoisOptions, recognized: RecognizedText): Promise<WhoisOptions> {
  const { api, table, cloudtrail } = options;
  if ((api ?? table ?? cloudtrail) !== undefined || !isOfTheService(recognized)) return options;
  const chosen = await chosenService({});
  if (chosen === undefined) return options;
  const { profile, region, ...service } = chosen;
  const named: WhoisOptions = {
    ...options,
    ...service,
    ...(profile !== undefined && options.profile === undefined && { profile: [profile] }),
    ...(region !== undefined && options.region === undefined && { region: [region] }),
  };
  checkAnythingUsage(named, epochMillis(Date.now()));
  return named;
}

const OF_THE_SERVICE: readonly Subject['by'][] = ['person', 'role', 'username', 'audit-id'];

/**
 * Returns whether only the service can know the subject: by its name, or because its log has the described request. A
 * UUID can also be an event ID of CloudTrail; the service is queried first.
 */
function isOfTheService({ subjects, events, reading, otherReadings }: RecognizedText): boolean {
  if (events.size > 0) return false;
  const isOne = (subject: Subject) => OF_THE_SERVICE.includes(subject.by) || describedRequest(subject) !== undefined;
  if (reading === 'first-known') return subjects[0] !== undefined && isOne(subjects[0]);
  return subjects.every((subject) => isOne(subject) || otherReadings.get(subject)?.some(isOne) === true);
}

/** Returns whether CloudTrail can know what the service did not. */
function mayBeEventId({ subjects, otherReadings }: RecognizedText): boolean {
  return [...subjects, ...[...otherReadings.values()].flat()].some(({ by }) => by === 'event-id');
}
