import type { AuditRequest } from '../audit/audit-event.ts';
import { builtInResource } from '../audit/resource-words.ts';
import { present } from '../json.ts';
import { givenCircumstances } from './events.ts';
import { objectIn } from './objects.ts';
import type { Circumstances, RequestedToken } from './subject.ts';

/** The verb and the subresource of an audit event, for a verb in a question. */
export type Deed = Pick<AuditRequest, 'verb' | 'subresource'>;

/**
 * The verbs of questions, in the past tense and as kubectl has them. `change` stands for update and patch, `remove` for
 * every way to delete (see described-request.ts).
 */
const DEEDS: readonly (readonly [words: string, deed: Deed])[] = [
  [
    '(?:requested|request|issued|created?|minted|got|made) (?:a |the )?tokens?(?: (?:for|of))?',
    { verb: 'create', subresource: 'token' },
  ],
  ['deleted?|removed?|killed?', { verb: 'delete' }],
  ['created?|made', { verb: 'create' }],
  ['updated?|replaced?', { verb: 'update' }],
  ['patche?d?', { verb: 'patch' }],
  ['changed?|modified|modify|edit(?:ed)?|scaled?|restart(?:ed)?|label(?:l?ed)?|annotated?', { verb: 'change' }],
  ['(?:un)?cordon(?:ed)?|drain(?:ed)?|taint(?:ed)?', { verb: 'change' }],
  ['approved?|den(?:ied|y)', { verb: 'change', subresource: 'approval' }],
  ['read|got|get|viewed|fetched', { verb: 'GET' }],
  ['list(?:ed)?', { verb: 'list' }],
  ['evict(?:ed)?', { verb: 'create', subresource: 'eviction' }],
  ["exec(?:'d|’d|ed|d)?(?: in(?:to)?)?|opened a shell in", { subresource: 'exec' }],
  ['attach(?:ed)?(?: to)?', { subresource: 'attach' }],
  ['port-?forward(?:ed)?(?: to)?', { subresource: 'portforward' }],
];

const WHO = /^(?:who(?: has| have)?|which (?:user|person|role)|kubectl) /i;
const VERBS = DEEDS.map(([words, deed]) => [new RegExp(`^(?:${words}) (?:the |this |my )?`, 'i'), deed] as const);
const WORDS = DEEDS.map(([words, deed]) => [new RegExp(`^(?:${words})$`, 'i'), deed] as const);

/** Returns the verb and the subresource for a single word: `deleted`, `exec`. Undefined for any other word. */
export function deedOfWord(word: string): Deed | undefined {
  return WORDS.find(([pattern]) => pattern.test(word))?.[1];
}

const NAMESPACE = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const IN_CLUSTER = /,? (?:in|on|from) (?:the )?cluster ([\w.-]{1,100})$/;
/** Matches `on NAME` at the end. The name is a cluster's, unless it is a day or a type of resource. */
const ON_CLUSTER = /,? on (?!(?:mon|tues|wednes|thurs|fri|satur|sun)day$)([a-z][\w.-]{0,99})$/i;
const IN_NAMESPACE = new RegExp(
  `,? (?:(?:in|from)(?: the)?(?: namespace)? (${NAMESPACE})(?: namespace)?|(?:-n|--namespace)[ =](${NAMESPACE}))$`,
);
/** Matches the number of replicas in a question about scaling. It cannot be searched, because an audit log has it only in bodies. */
const TO_COUNT = /(?: (?:down|up))?(?: from \d{1,6})? to (?:\d{1,6}|zero)(?: replicas?)?$/;
/** The maximum number of characters of a question. A longer text is something else. */
const LONGEST = 600;

/**
 * Returns what a short question states about requests: `who deleted pod web-0 in namespace shop?`, `kubectl delete pod
 * web-0 -n shop`, `delete pod web-0`, `who listed secrets in shop`. A question states no caller. Undefined for any
 * other text.
 */
export function questionIn(text: string): Circumstances | undefined {
  if (text.length > LONGEST || WITH_OUTPUT.test(text)) return undefined;
  const plain = withoutOptions(inOneLine(text));
  const hasWho = WHO.test(plain);
  const withoutWho = plain.replace(WHO, '');
  const [verb, deed] = VERBS.find(([pattern]) => pattern.test(withoutWho)) ?? [];
  if (verb === undefined || deed === undefined) return undefined;
  const [rest, cluster] = cutCluster(withoutWho.replace(verb, ''));
  const [before, namespace] = cutEnd(rest, IN_NAMESPACE);
  const [what] = cutEnd(before, TO_COUNT);
  const object = statedIn(what, hasWho);
  if (object === undefined) return undefined;
  const isCommand = !hasWho || /^kubectl /i.test(plain);
  const wanted = deed.verb === 'delete' && !isCommand ? { verb: 'remove' } : deed;
  return givenCircumstances({ cluster, request: requestOf(wanted, { ...object, ...(namespace && { namespace }) }) });
}

const COMMAND = /^(?:[$#>] )?kubectl /i;
/**
 * Matches a kubectl command with its output below it. The output states more, so it is read instead. A backslash at the
 * end continues the command in the next line.
 */
const WITH_OUTPUT = /^(?:[$#>] )?kubectl [^\n]*[^\\\n]\n\s*\S/i;
const OF_NAMESPACE = new RegExp(` (?:-n|--namespace)[ =](${NAMESPACE})(?= |$)`);
/** Matches an option of kubectl. The options named here can have their value after a space. */
const OPTION =
  / (?:(?:-n|--namespace|--context|--cluster|--user|--kubeconfig|-c|--container|-o|--output|--as|--as-group)[ =]\S+|--?[A-Za-z][\w-]*(?:=\S+)?)/g;

/**
 * Returns a kubectl command with its namespace at the end, and without its other options and the command that it runs
 * in a pod. Returns any other text unchanged.
 */
function withoutOptions(text: string): string {
  if (!COMMAND.test(text)) return text;
  const [command = ''] = text.replace(/^[$#>] /, '').split(' -- ', 1);
  const namespace = OF_NAMESPACE.exec(command)?.[1];
  const bare = command.replaceAll(OPTION, '');
  return namespace === undefined ? bare : `${bare} -n ${namespace}`;
}

/** Cuts the match of `end` from the text. Returns the rest, and the value in the match. */
function cutEnd(text: string, end: RegExp): readonly [rest: string, value: string | undefined] {
  const [whole = '', ...values] = end.exec(text) ?? [];
  return [text.slice(0, text.length - whole.length), values.find((value) => value !== undefined)];
}

/** Cuts the cluster from the end of the text. Returns the rest, and the cluster. */
function cutCluster(text: string): readonly [rest: string, cluster: string | undefined] {
  const [rest, cluster] = cutEnd(text, IN_CLUSTER);
  if (cluster !== undefined) return [rest, cluster];
  const [before, name] = cutEnd(text, ON_CLUSTER);
  return name === undefined || builtInResource(name) !== undefined ? [text, undefined] : [before, name];
}

const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Matches words that stand for any object: `who deleted what`, `who read any secrets`. */
const WHATEVER = '(?:what|which|whatever|any|anything|something|everything|every|all|things?|stuff)';
const ANYTHING = new RegExp(`^${WHATEVER}(?: (?:things?|objects?|resources?|requests?))?$`, 'i');
const ANY_OF = new RegExp(`^${WHATEVER} (?:of )?(?:the )?(?=\\S+$)`, 'i');
/** Matches a question about everything that was done: `what happened`, `who did what`. */
const HAPPENED = new RegExp(
  `^(?:(?:show|list|find)(?: me)? )?(?:what (?:all )?(?:happened|went on|was (?:done|going on)|did (?:they|people|anybody|anyone|somebody|someone|everybody|everyone) do)|` +
    `(?:who|somebody|anybody) (?:did|was doing|has done) ${WHATEVER}|who was (?:active|there)|everything|anything|all requests)(?: that happened)?$`,
  'i',
);
/** Matches a question about what was done, not who did it: `what was deleted`, `what changed`. */
const PASSIVE = /^(?:what|which \S{1,63}) (?:all )?(?:(?:was|were|got|has been|have been) )?(\S{1,20})$/i;

/**
 * Returns what a question without an object states about requests, apart from their time: `what happened in namespace
 * shop`, `who did what`, `what was deleted in cluster prod`. Empty if it asks about all requests. Undefined for any
 * other text.
 */
export function openQuestionIn(text: string): Circumstances | undefined {
  if (text.length > LONGEST) return undefined;
  const [rest, cluster] = cutCluster(inOneLine(text));
  const [clause, namespace] = cutEnd(rest, IN_NAMESPACE);
  const done = PASSIVE.exec(clause)?.[1];
  const deed = done === undefined ? undefined : deedOfWord(done);
  if (deed === undefined && !HAPPENED.test(clause)) return undefined;
  const place = namespace === undefined ? {} : { namespace };
  const wanted = deed?.verb === 'delete' ? { verb: 'remove' } : deed;
  const request = wanted === undefined ? place : requestOf(wanted, place);
  return givenCircumstances({ cluster, request: Object.keys(request).length === 0 ? undefined : request });
}

/** Matches a question about the use of tokens: `what was done with the token that ana requested for service account shop/deployer`. */
const WITH_TOKEN = new RegExp(
  '^(?:what (?:was|has been|did \\S{1,100}|happened|is being) ?(?:done|do)? with|who used|(?:which|what) requests (?:used|were made with)|(?:show|list) (?:the )?requests with) ' +
    '(?:the |a |any )?tokens? (?:that |which )?(\\S{1,320}) (?:(?:has |had )?(?:requested|created|issued|minted|got|made))' +
    `(?: (?:for|of) (?:the )?(?:service ?account |sa )?(?:(${NAMESPACE})[/:])?([a-z0-9][a-z0-9.-]{0,251}))?$`,
  'i',
);

/** Returns what a question about the use of requested tokens states about them. Undefined for any other text. */
export function tokenQuestionIn(text: string): Circumstances | undefined {
  if (text.length > LONGEST) return undefined;
  const [plain, namespace] = cutEnd(inOneLine(text), IN_NAMESPACE);
  const [, requestedBy, ofAccount = namespace, name] = WITH_TOKEN.exec(plain) ?? [];
  if (requestedBy === undefined) return undefined;
  const account = name === undefined ? undefined : ofAccount === undefined ? name : `${ofAccount}/${name}`;
  return givenCircumstances({ tokenOf: present<RequestedToken>({ requestedBy, account }) });
}

/**
 * Returns the object or the type of objects in a question. A name alone is an object only after `who`. Empty for words
 * such as `what` and `anything`. Undefined for any other words.
 */
function statedIn(whatever: string, hasWho: boolean): AuditRequest | undefined {
  if (ANYTHING.test(whatever)) return {};
  const what = whatever.replace(ANY_OF, '');
  const object = objectIn(what);
  if (object !== undefined) return object;
  const resource = /\s/.test(what) ? undefined : builtInResource(what);
  if (resource !== undefined) {
    const [name = '', ...group] = resource.split('.');
    return { resource: name, ...(group.length > 0 && { apiGroup: group.join('.') }) };
  }
  return hasWho && NAME.test(what) ? { name: what } : undefined;
}

/** The resource of each subresource that a question can be about. */
const RESOURCE_OF: Readonly<Record<string, string>> = {
  eviction: 'pods',
  exec: 'pods',
  attach: 'pods',
  portforward: 'pods',
  token: 'serviceaccounts',
  approval: 'certificatesigningrequests',
};

/**
 * Returns the request in a question. If `delete` has no object name, it becomes `DELETE`, which also finds deletions of
 * whole collections.
 */
export function requestOf({ verb, subresource }: Deed, object: AuditRequest): AuditRequest {
  const isOfAll = verb === 'delete' && object.name === undefined;
  const resource = subresource === undefined ? object.resource : RESOURCE_OF[subresource];
  return present<AuditRequest>({ ...object, resource, subresource, verb: isOfAll ? 'DELETE' : verb });
}

/** Removes the question mark, and joins lines with single blanks. */
function inOneLine(text: string): string {
  return (text.endsWith('?') ? text.slice(0, -1).trimEnd() : text).replaceAll(/\s+/g, ' ');
}
