import { CloudFormationClient, DeleteStackCommand, DeleteStackInstancesCommand } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { OrganizationsClient, RemoveAccountFromOrganizationCommand } from '@aws-sdk/client-organizations';
import { S3Client } from '@aws-sdk/client-s3';
import { mapConcurrently } from '../../lib/concurrency.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, parseJson, textAt } from '../../lib/json.ts';
import { HAND_OVER } from '../../lib/usecases/ingest/deliveries.ts';
import type { CloudTrailServer } from '../../local/cloudtrail/server.ts';
import { runAsProcess } from '../builders/command.ts';
import { type Accounts, HUB, MANAGER, type Place, REGIONS } from './accounts.ts';
import type { Functions } from './functions.ts';
import { leftIn, type Remnant } from './left.ts';
import type { Observation, Observer } from './observer.ts';
import { alarmsOf, deploy, functionZips, nextRelease, type Release, upload } from './releases.ts';
import { type Cluster, createCluster, delivery, type SentEvent, type Session, Traffic } from './traffic.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Traffic comes twice a day: it has to be heard each day, and a whole week should take minutes. */
const PAUSE = 12 * HOUR;
/** After traffic settle runs so often, every twenty minutes, until all of its answers are final. The stacks' reports count for an hour. */
const SETTLES = 3;
/** How many requests a session has. */
const REQUESTS = 2;
const TABLES = 'eks-whois-prod';
const ORGANIZATION_STACK = 'eks-whois-organization';

export interface Surroundings {
  readonly accounts: Accounts;
  readonly functions: Functions;
  readonly observed: Observer;
  readonly cloudtrail: CloudTrailServer;
  readonly release: Release;
  /** For the next release. */
  readonly folder: string;
  /** Reports what is being done: a step over many accounts takes minutes. */
  report(doing: string): void;
}

/** A clock that only `pass` moves. */
export class FastClock {
  at: number;

  constructor(at: string) {
    this.at = Date.parse(at);
  }

  readonly now = () => this.at;

  pass(time: number): void {
    this.at += time;
  }
}

/** The result of traffic: how many events are recorded, and how many of these have the right name. */
export interface Outcome {
  readonly sent: number;
  readonly recorded: number;
  readonly named: number;
}

/** A row of `eks-whois fleet`. */
export interface Row {
  readonly accountId: string;
  readonly region: string;
  readonly cluster: string;
  readonly subscribed: string;
  readonly version: string;
  readonly troubles: readonly string[];
}

/** The life of a service in an organization, step by step. Each step returns what a platform team sees. */
export class Rehearsal {
  readonly #of: Surroundings;
  readonly #clock: FastClock;
  readonly #traffic: Traffic;
  #alarms: readonly JsonObject[];
  #clusters: Cluster[] = [];
  #members: string[] = [];
  #organization = { id: '', root: '' };
  /** The resources of the accounts before the service was deployed. */
  #before = new Map<string, ReadonlySet<string>>();

  constructor(of: Surroundings, clock: FastClock) {
    this.#of = of;
    this.#clock = clock;
    this.#traffic = new Traffic(of.accounts, of.functions, of.cloudtrail);
    this.#alarms = alarmsOf(of.release);
  }

  /** Creates the organization and its clusters, then deploys the hub and a spoke to each account and Region. */
  async rollOut(members: number) {
    const { accounts, release, functions } = this.#of;
    const { id, root, members: created } = await accounts.organize(members);
    this.#organization = { id, root };
    this.#members = created;
    const places = created.flatMap((account) => REGIONS.map((region) => ({ account, region })));
    for (const place of this.#counting('clusters', places))
      this.#clusters.push(await createCluster(accounts, `team-${place.account.slice(-4)}`, place));
    for (const account of this.#counting('what was there before, by account', this.#everybody))
      this.#before.set(account, new Set((await this.#there(account)).map(asText)));
    for (const { digest, bytes } of functionZips(release)) functions.unpack(digest, bytes);
    await this.#deployHub(release);
    await this.#deployOrganization(release);
    await this.#report();
    const fleet = await this.fleet();
    const printed = await this.#printed(['fleet', '--table', TABLES]);
    return { accounts: created.length, clusters: this.#clusters.length, fleet, printed, ...this.#observe() };
  }

  /** Lets people work for a day. */
  async day() {
    const first = await this.#shift();
    const second = await this.#shift();
    return { at: this.#clock.at, ...together([first, second]), ...this.#observe() };
  }

  /** Lets one account send garbage, others' log groups, forged records and so many times its usual, while the others work. */
  async poison(times: number) {
    const [poisoned] = this.#clusters;
    const other = this.#clusters.find(({ account }) => account !== poisoned?.account);
    if (poisoned === undefined || other === undefined) throw new Error('A poisoned account needs others.');
    this.#clock.pass(PAUSE);
    await this.#report();
    const { accepted, denied, forgedIds } = await this.#attack(poisoned, other);
    const flood = await this.#session(poisoned);
    await this.#traffic.note(flood);
    const usual = this.#clusters.filter(({ account }) => account === poisoned.account).length;
    const floods = await Promise.all(Array.from({ length: times * usual }, () => this.#session(poisoned)));
    const [user] = flood.events.map((event) => event.user);
    this.#of.report(`a flood of ${floods.length} deliveries`);
    await few(floods, ({ events }) =>
      this.#traffic.deliver({ ...flood, events: events.map((event) => ({ ...event, user })) }),
    );
    const others = this.#clusters.filter(({ account }) => account !== poisoned.account);
    const sent = await this.#work(others);
    await this.#settle();
    const records = await this.#records();
    const forgedRecords = forgedIds.filter((id) => records.has(id)).length;
    const othersOutcome = outcomeOf(sent, records);
    const deliveries = { ...accepted, flood: floods.length, usual };
    return { account: poisoned.account, deliveries, denied, forgedRecords, others: othersOutcome, ...this.#observe() };
  }

  /** Lets a cluster fall silent, while the others work, until an alarm is raised. */
  async darken() {
    const dark = this.#clusters.at(-1);
    if (dark === undefined) throw new Error('There is no cluster.');
    const outcomes: Outcome[] = [];
    let observation = this.#observe();
    const began = this.#clock.at;
    for (let shifts = 0; shifts < 6 && observation.alarms.length === 0; shifts += 1) {
      outcomes.push(await this.#shift(dark));
      observation = this.#observe();
    }
    const hours = Math.round((this.#clock.at - began) / HOUR);
    const troubled = (await this.fleet()).filter(({ troubles }) => troubles.length > 0);
    const printed = await this.#printed(['fleet', '--troubled', '--table', TABLES]);
    return { cluster: dark.arn, hours, troubled, printed, others: together(outcomes), ...observation };
  }

  /** Updates the hub, then the spokes, to the next release, while people work. */
  async upgrade() {
    const { release, folder, functions } = this.#of;
    const next = nextRelease(release, folder, `${release.version.replace(/\d+$/, '')}99`);
    const before = await this.#shift();
    await this.#deployHub(next);
    await functions.restart();
    this.#alarms = alarmsOf(next);
    const between = await this.#shift();
    await this.#deployOrganization(next);
    await functions.restart();
    const after = await this.#shift();
    const fleet = await this.fleet();
    return {
      to: next.version,
      versions: [...new Set(fleet.map(({ version }) => version))],
      before,
      between,
      after,
      ...this.#observe(),
    };
  }

  /** Lets an account leave the organization: StackSets deletes its spokes first. */
  async leave() {
    const { accounts } = this.#of;
    const account = this.#members.at(-1) ?? '';
    this.#clock.pass(5 * MINUTE);
    const unsubscribed: string[] = [];
    for (const region of REGIONS) unsubscribed.push(await this.#deleteSubscriptions({ account, region }));
    const cloudformation = await accounts.client(CloudFormationClient, MANAGER);
    const StackSetName = `${TABLES}-spokes`;
    await cloudformation.send(
      new DeleteStackInstancesCommand({
        StackSetName,
        Accounts: [account],
        Regions: [...REGIONS],
        RetainStacks: false,
      }),
    );
    const organizations = await accounts.client(OrganizationsClient, MANAGER);
    await organizations.send(new RemoveAccountFromOrganizationCommand({ AccountId: account }));
    this.#clusters = this.#clusters.filter((cluster) => cluster.account !== account);
    const left = await this.#leftBehind(account);
    const isAdmitted = await this.#canSend({ account, region: HUB.region });
    const removed = (await this.fleet()).filter(({ accountId }) => accountId === account);
    const days = [await this.day()];
    while (days.length < 4 && days.at(-1)?.alarms.length !== 0) days.push(await this.day());
    const errors = days.flatMap((day) => day.errors);
    return { account, unsubscribed, left, isAdmitted, removed, days, others: together(days), errors };
  }

  /** Removes everything, and returns what is left in all accounts. */
  async remove() {
    const { accounts } = this.#of;
    const places = [...this.#clusters, HUB].map(({ account, region }) => ({ account, region }));
    this.#of.report(`removing ${places.length} stacks`);
    const unsubscribed = await few(places, (place) => this.#deleteSubscriptions(place));
    const manager = await accounts.client(CloudFormationClient, MANAGER);
    await manager.send(new DeleteStackCommand({ StackName: ORGANIZATION_STACK }));
    const hub = await accounts.client(CloudFormationClient, HUB);
    await hub.send(new DeleteStackCommand({ StackName: TABLES }));
    this.#of.report('looking for what is left');
    const left = await few(this.#everybody, (account) => this.#leftBehind(account));
    return { unsubscribed: [...new Set(unsubscribed)], left: left.flat(), ...this.#observe() };
  }

  /** Returns what `eks-whois fleet` lists. */
  async fleet(): Promise<readonly Row[]> {
    const rows = await this.#command(['fleet', '--table', TABLES, '-o', 'jsonl']);
    return rows.map((row) => ({
      accountId: textAt(row, 'accountId') ?? '',
      region: textAt(row, 'region') ?? '',
      cluster: textAt(row, 'cluster') ?? '',
      subscribed: textAt(objectAt(row, 'subscription'), 'standing') ?? '',
      version: objectAt(row, 'stack')?.removed === true ? 'removed' : (textAt(objectAt(row, 'stack'), 'version') ?? ''),
      troubles: (listAt(row, 'troubles') ?? []).map(String),
    }));
  }

  get #everybody(): readonly string[] {
    return [HUB.account, MANAGER.account, ...this.#members];
  }

  #observe(): Observation {
    return this.#of.observed.take(this.#alarms);
  }

  #session(cluster: Cluster): Promise<Session> {
    return this.#traffic.session(cluster, this.#clock.at, REQUESTS);
  }

  /** Yields the entries, and reports each tenth of them. */
  *#counting<T>(what: string, entries: readonly T[]): Generator<T> {
    const tenth = Math.ceil(entries.length / 10);
    for (const [at, entry] of entries.entries()) {
      if (at % tenth === 0) this.#of.report(`${what}: ${at} of ${entries.length}`);
      yield entry;
    }
  }

  async #deployHub(release: Release): Promise<void> {
    this.#of.report('deploying the hub');
    const bucket = { name: 'example-hub', region: HUB.region, organization: this.#organization.id };
    const code = await upload(await this.#of.accounts.client(S3Client, HUB), release, bucket);
    const given = { Organization: this.#organization.id, Regions: REGIONS.join(','), CodeBucketOfRegion: 'true' };
    await deploy(await this.#of.accounts.client(CloudFormationClient, HUB), {
      ...{ name: TABLES, url: code.url('hub'), parameters: { ...code.parameters, ...given } },
      isNew: release === this.#of.release,
    });
  }

  async #deployOrganization(release: Release): Promise<void> {
    const { accounts, report } = this.#of;
    const { id: organization, root } = this.#organization;
    report(`deploying the spokes of ${this.#members.length} accounts`);
    const codes = await few(REGIONS, async (region) => {
      const s3 = await accounts.client(S3Client, { account: MANAGER.account, region });
      return upload(s3, release, { name: 'example-spokes', region, organization });
    });
    const [code] = codes;
    if (code === undefined) return;
    const given = {
      ...{ HubAccount: HUB.account, HubRegion: HUB.region, SpokeRegions: REGIONS.join(',') },
      ...{ OrganizationalUnits: root, TemplateUrl: code.url('spoke') },
    };
    await deploy(await accounts.client(CloudFormationClient, MANAGER), {
      ...{ name: ORGANIZATION_STACK, url: code.url('organization'), parameters: { ...code.parameters, ...given } },
      isNew: release === this.#of.release,
    });
  }

  /** The schedule of each stack's `subscribe`: it finds clusters and reports. People assume roles in the accounts with clusters, and Lambda in the hub's. */
  async #report(): Promise<void> {
    const { functions, report } = this.#of;
    const places = [HUB, ...this.#clusters];
    report(`reports of ${places.length} stacks`);
    await this.#traffic.startFunction(HUB, this.#clock.at);
    await few(places, (place) => functions.invoke(functions.arn(place, `${TABLES}-subscribe`), {}));
    await functions.poll();
  }

  /** Half a day later, people work, and everything runs as its schedule says. */
  async #shift(dark?: Cluster): Promise<Outcome> {
    this.#clock.pass(PAUSE);
    await this.#report();
    const sent = await this.#work(this.#clusters, dark);
    await this.#settle();
    return this.#outcome(sent);
  }

  /** People assume roles and use the clusters. Of the dark cluster, CloudWatch Logs gets nothing. */
  async #work(clusters: readonly Cluster[], dark?: Cluster): Promise<readonly SentEvent[]> {
    this.#of.report(`people work in ${clusters.length} clusters`);
    const sessions = await Promise.all(clusters.map((cluster) => this.#session(cluster)));
    await few(sessions, (session) => this.#traffic.note(session));
    await this.#of.functions.poll();
    const heard = sessions.filter(({ cluster }) => cluster !== dark);
    const sent = await few(heard, (session) => this.#traffic.deliver(session));
    await this.#of.functions.poll();
    return sent.flat();
  }

  /** Settle runs until the answers are final. The clock is then where it was: the next shift is half a day after this one. */
  async #settle(): Promise<void> {
    const began = this.#clock.at;
    for (let run = 0; run < SETTLES; run += 1) {
      this.#clock.pass(run === 0 ? MINUTE : 20 * MINUTE);
      this.#of.report(`settle runs: ${run} of ${SETTLES}`);
      await this.#of.functions.settle();
    }
    this.#clock.at = began;
  }

  async #outcome(sent: readonly SentEvent[]): Promise<Outcome> {
    return outcomeOf(sent, await this.#records());
  }

  /** Returns the records of the traffic at this time, by audit ID. */
  async #records(): Promise<ReadonlyMap<string, JsonObject>> {
    const [from, to] = [this.#clock.at - HOUR, this.#clock.at + HOUR].map((at) => new Date(at).toISOString());
    const given = ['records', '--table', TABLES, '--from', from ?? '', '--to', to ?? '', '-o', 'jsonl'];
    const records = await this.#command(given);
    return new Map(records.map((record) => [textAt(record, 'auditId') ?? '', record]));
  }

  /** Returns what a command lists. */
  async #command(args: readonly string[]): Promise<readonly JsonObject[]> {
    const output = await this.#printed(args);
    return output.split('\n').flatMap((line) => {
      const read = parseJson(line);
      return read.ok && isJsonObject(read.value) ? [read.value] : [];
    });
  }

  /** Returns what a command prints in the hub's account, at the time of the clock. */
  async #printed(args: readonly string[]): Promise<string> {
    const { output, errors, status } = await runAsProcess(args, '', {
      ...(await this.#of.accounts.environment(HUB)),
      NODE_OPTIONS: `--import ${new URL('../release/clock.mjs', import.meta.url)}`,
      // The clock stands at the traffic; settle is later.
      CLOCK_STARTS_AT: new Date(this.#clock.at + 50 * MINUTE).toISOString(),
    });
    if (status !== 0) throw new Error(`eks-whois ${args.join(' ')}: ${errors}`);
    return output;
  }

  /** Whoever holds a member's credentials puts this on the hub's buses. */
  async #attack(poisoned: Cluster, other: Cluster) {
    const forged = await this.#session(other);
    const garbage = Array.from({ length: 20 }, (_, at) => ({ awslogs: { data: `garbage ${at}` } }));
    const forgedOwner = Array.from({ length: 20 }, () => delivery(other, forged.events));
    const trail = delivery(poisoned, [forged.record]);
    const put = async (details: readonly object[], bus: string, source: string, type: string) => {
      const answers = await few(details, (detail) =>
        this.#put(poisoned, { bus, source, type, detail: { region: poisoned.region, ...detail } }),
      );
      return answers.filter((isAccepted) => isAccepted).length;
    };
    const { source, detailType } = HAND_OVER;
    const accepted = {
      garbage: await put(garbage, 'spokes', source, detailType),
      forgedOwner: await put(forgedOwner, 'spokes', source, detailType),
      forgedTrail: await put([trail], 'spokes', source, detailType),
    };
    const grants = await put([forged.record], 'sts', 'aws.sts', 'AWS API Call via CloudTrail');
    const forgedIds = forged.events.map(({ auditID }) => String(auditID));
    return { accepted, denied: { forgedGrants: 1 - grants }, forgedIds };
  }

  /** Puts an event on a bus of the hub; returns whether EventBridge took it. */
  async #put(
    place: Place,
    {
      bus,
      source,
      type,
      detail,
    }: { readonly bus: string; readonly source: string; readonly type: string; readonly detail: object },
  ): Promise<boolean> {
    const events = await this.#of.accounts.client(EventBridgeClient, place);
    const EventBusName = `arn:aws:events:${HUB.region}:${HUB.account}:event-bus/${TABLES}-${bus}`;
    const entry = { EventBusName, Source: source, DetailType: type, Detail: JSON.stringify(detail) };
    const { Entries = [] } = await events.send(new PutEventsCommand({ Entries: [entry] }));
    return Entries[0]?.ErrorCode === undefined;
  }

  #canSend(place: Place): Promise<boolean> {
    const detail = { region: place.region, awslogs: { data: '' } };
    return this.#put(place, { bus: 'spokes', source: HAND_OVER.source, type: HAND_OVER.detailType, detail });
  }

  async #deleteSubscriptions(place: Place): Promise<string> {
    const { Status, Reason } = await this.#of.functions.deleteSubscriptions(place);
    await this.#of.functions.poll();
    return `${Status}: ${Reason}`;
  }

  #there(account: string): Promise<readonly Remnant[]> {
    return leftIn(this.#of.accounts, account, REGIONS);
  }

  /** Returns what there is in the account and was not there before the service came. */
  async #leftBehind(account: string): Promise<readonly Remnant[]> {
    const before = this.#before.get(account);
    return (await this.#there(account)).filter((each) => before?.has(asText(each)) !== true);
  }
}

/** Does the work for each entry, few at a time: moto answers one request after the other, and a function waits five seconds. */
function few<T, R>(entries: readonly T[], work: (entry: T) => Promise<R>): Promise<R[]> {
  return mapConcurrently(entries, work, 4);
}

export function asText({ kind, name, account, region }: Remnant): string {
  return [kind, name, account, region].filter((part) => part !== undefined).join(' ');
}

function outcomeOf(sent: readonly SentEvent[], records: ReadonlyMap<string, JsonObject>): Outcome {
  const found = sent.flatMap((each) => {
    const record = records.get(each.auditId);
    return record?.clusterArn === each.cluster ? [{ ...each, record }] : [];
  });
  const named = found.filter(({ person, record }) => {
    const attribution = objectAt(record, 'attribution');
    return attribution?.status === 'attributed' && objectAt(attribution, 'actor')?.name === person;
  });
  return { sent: sent.length, recorded: found.length, named: named.length };
}

function together(outcomes: readonly Outcome[]): Outcome {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((whole, each) => whole + of(each), 0);
  return { sent: sum(({ sent }) => sent), recorded: sum(({ recorded }) => recorded), named: sum(({ named }) => named) };
}
