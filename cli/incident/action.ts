import { readFile } from 'node:fs/promises';
import { verifyDigestFiles } from '../../lib/adapters/cloudtrail/digest-files.ts';
import { createVerifier, digestKeys } from '../../lib/adapters/cloudtrail/digest-keys.ts';
import { failureOf, STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { DigestReport, Verify } from '../../lib/cloudtrail/digest-check.ts';
import { epochMillis } from '../../lib/time.ts';
import { type RequestSource, sourceOfPages, sourceOfRecords } from '../../lib/usecases/activity/request-source.ts';
import {
  incidentReport,
  unknownReport,
  windowAround,
  withAllSessions,
  withRequesters,
} from '../../lib/usecases/incident/incident.ts';
import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { type AnythingAnswer, statusesOf } from '../../lib/usecases/query/anything/outcomes.ts';
import { ceilingText } from '../../lib/usecases/query/ceiling-gaps.ts';
import { ShownRequests } from '../access/requests.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { CommandError, RefusedQuestionError, wrongUsage } from '../failures/command-error.ts';
import { checkOutputs } from '../options/paths.ts';
import { outputTo } from '../terminal/text-output.ts';
import { screenWidth } from '../terminal/width.ts';
import { type InformedPlace, recognizedOf, withInformant } from '../whois/anything.ts';
import { withPlacesIn } from '../whois/command-texts.ts';
import { gravestStatus } from '../whois/exit-status.ts';
import { type EvidenceSource, RequestCollector, writeEvidenceOf } from './evidence/evidence.ts';
import { checkEvidenceFolder } from './evidence/folder.ts';
import type { IncidentOptions } from './options.ts';
import { writtenReport } from './written.ts';

/** Makes the report about the pasted text and writes it. Writes the evidence if `--evidence` is given. */
export async function makeReport(text: string, options: IncidentOptions, settings: AttributionSettings): Promise<void> {
  const recognized = recognizedOf(text, { ...options, format: 'text' });
  await checkEvidence(options);
  const verify = await digestVerifier(options);
  const output = outputTo(options.outputFile);
  const asking = { options: { ...options, format: 'text' as const }, recognized, settings, around: options.window };
  const { report, status } = await withInformant(asking, async (place) => {
    const found = await answerAnything(recognized, place.informant, options.at);
    const isOfAllTimes = (options.at ?? options.lookback) === undefined;
    const whole = isOfAllTimes ? await withAllSessions(found, sourceOf(place)) : found;
    const answer = await withRequesters(whole, place.informant);
    const now = epochMillis(Date.now());
    const collected = new RequestCollector();
    const made = await reportOf(answer, { place, options, collected, now });
    const report = withGaps({ ...made, digests: await digestReport(options, verify) }, place);
    const { evidence } = options;
    if (evidence !== undefined) await writeEvidenceOf(evidence, { text, report, collected, place, options, now });
    return { report, status: gravestStatus(statusesOf(answer)) };
  });
  output.write(writtenReport(withPlacesIn(report, options), options.format, screenWidth(options.outputFile)));
  await output.end();
  process.exitCode = status;
}

/** Adds to the report what the ceilings of accounts left out of the answers behind it. */
function withGaps(report: IncidentReport, { service }: InformedPlace): IncidentReport {
  const gaps = (service?.leftOutByCeiling() ?? []).map(ceilingText);
  return { ...report, recognized: { ...report.recognized, notes: [...report.recognized.notes, ...gaps] } };
}

async function checkEvidence({ evidence, audit = [], cloudtrail = [] }: IncidentOptions): Promise<void> {
  if (evidence === undefined) return;
  await checkEvidenceFolder(evidence);
  await checkOutputs({ inputs: [...audit, ...cloudtrail], output: evidence });
}

async function reportOf(
  answer: AnythingAnswer,
  { place, options, collected, now }: Omit<EvidenceSource, 'report' | 'text'>,
): Promise<IncidentReport> {
  const range = windowAround(answer, options.at, options.window);
  if (range === undefined && answer.found.every(({ outcome }) => outcome.kind === 'not-known'))
    return unknownReport(answer);
  if (range === undefined) throw wrongUsage('The pasted text does not say when it happened. Give --at.');
  for (const { outcome } of answer.found)
    if (outcome.kind === 'attributed')
      for (const record of [outcome.record ?? [], outcome.records ?? []].flat()) collected.keep(record);
  return incidentReport(
    { answer, range, now },
    {
      ...sourceOf(place),
      requests: requestsOf(place),
      clusterChanges: (within) => place.informant.clusterChanges(within),
      keep: (record) => collected.keep(record),
    },
  );
}

/** Returns the source of the sessions of all times. */
function sourceOf({ informant }: InformedPlace): Pick<Parameters<typeof incidentReport>[1], 'sessionsOfPerson'> {
  return { sessionsOfPerson: (person) => informant.sessionsOfPerson(person, undefined) };
}

/** Returns the source of requests. Undefined for CloudTrail's event history, which has no requests. */
function requestsOf({ service, files }: InformedPlace): RequestSource | undefined {
  if (service !== undefined) return serviceRequests(service);
  return files?.visit && fileRequests(files.visit);
}

/**
 * Returns the function that verifies signatures, before any other work is done.
 * @throws CommandError if the file contains no key.
 */
async function digestVerifier({ digestPublicKey: file }: IncidentOptions): Promise<Verify> {
  if (file === undefined) return () => undefined;
  const keys = digestKeys(await keyText(file));
  if (keys !== undefined) return createVerifier(keys);
  throw new CommandError(
    `--digest-public-key ${file} has no RSA key. Give the output of aws cloudtrail list-public-keys, or a key as PEM or in base64.`,
    1,
  );
}

async function keyText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(`--digest-public-key ${file} ${failureOf(error)}. Give another file.`, 1, { cause: error });
  }
}

/**
 * Verifies the digest files on disk. AWS's own command verifies those in S3. Undefined if there are no digest files.
 */
function digestReport({ cloudtrail = [] }: IncidentOptions, verify: Verify): Promise<DigestReport | undefined> {
  const files = cloudtrail.filter((path) => !isS3Path(path) && path !== STANDARD_INPUT);
  return verifyDigestFiles(files, verify);
}

/**
 * Returns the service as a source that is queried one question at a time. If one question has too many records, the
 * others are still answered.
 */
function serviceRequests({ records }: ServiceAccess): RequestSource {
  return sourceOfPages(records, { isTooLarge: (error) => error instanceof RefusedQuestionError });
}

/**
 * Returns the files as a source that is read once for all questions of a call. A request counts by the stage that comes
 * first in the files.
 */
export function fileRequests(visit: (take: (record: AuditRecord) => void) => Promise<void>): RequestSource {
  return sourceOfRecords(visit, () => {
    const shown = new ShownRequests();
    return (record) => shown.isNew(record);
  });
}
