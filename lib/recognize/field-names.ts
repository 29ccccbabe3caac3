/**
 * For each field, the names by which tools and people call it. They are in lower case, without the marks between words:
 * `resource.name`, `resourceName`, `resource_name` and `Resource name` are all `resourcename`. Sources: FACTS, "Alerts
 * of other tools" and "What log collectors write".
 */
const NAMES = {
  uid: 'uid useruid',
  username:
    'username user useremail userprincipal useridentity userusername userdisplayname usr usrid usrname actor actorname actoremail actorusername actoruser ' +
    'caller callername callerfullname calleraccountname calleruser principal principalname principaluser identity identityname accountname suser ' +
    'sourceuser sourceusername srcuser',
  arn: 'arn userarn userextraarn actorarn callerarn principalarn identityarn useridentityarn sessionarn assumedrolearn rolesession rolesessionarn iamarn',
  role: 'rolearn iamrole iamrolearn assumedrole',
  accessKeyId: 'accesskeyid accesskey userextraaccesskeyid',
  sessionName: 'sessionname session rolesessionname userextrasessionname',
  principalId: 'principalid userid actorid assumedroleid',
  auditId: 'auditid',
  eventId: 'eventid',
  time: 'time ts timestamp',
  /** The time of the request, under names that mean nothing else. */
  requested:
    'requestreceivedtimestamp eventtime peventtime eventtimestamp requesttime requesttimestamp requestedat stagetimestamp evttime evttimeiso8601 ' +
    'occurredat occurred activitytime timeofevent timeofrequest processstarttime',
  /** The time of the event that caused an alert of Splunk or Elastic. */
  original: 'origtime kibanaalertoriginaltime signaloriginaltime',
  first:
    'firsttime firstseen eventfirstseen firstactivity firstactivitytime firstactivitytimeutc firsteventtime starttime timeframestart',
  last: 'lasttime lastseen eventlastseen lastactivity lastactivitytime lastactivitytimeutc lasteventtime endtime timeframeend',
  /** The time at which the alert or the document was written. */
  written:
    '@timestamp startsat startedat created createdat createdtime createtime creationtime timegenerated timegeneratedutc detectedat detectiontime ' +
    'alerttime alertedat triggeredat updatedat reportedat',
  /** The time at which an alert of Alertmanager ended. */
  ended: 'endsat endedat',
  userAgent: 'useragent httpuseragent useragentoriginal',
  sourceIp:
    'src srcip srcipaddress srcdeviceip srcendpointip sourceip sourceips sourceaddress sourceipaddress clientip clientipaddress clientaddress ' +
    'networkclientip callerip callersourceip calleripaddress remoteip remoteipaddress remoteaddress principalip actorip userip ip ipaddress ips',
  cluster: 'cluster clustername ekscluster eksclustername kubecluster orchestratorclustername clusterarn',
  verb: 'verb httpverb requestverb apiverb httpmethod requestmethod httprequestmethod networkhttpmethod operation apioperation operationname',
  uri: 'uri requesturi requestpath urlpath httpurldetailspath',
  code:
    'resp code status statuscode responsecode responsestatus responsestatuscode httpstatus httpstatuscode httpresponsecode httpresponsestatuscode ' +
    'apiresponsecode',
  resource:
    'resource resourcetype resourcenativetype resourcekind resourceentitytype resourcesubtype objecttype objectkind objectcategory objectresource ' +
    'objectrefresource targetresource targettype targetkind orchestratorresourcetype',
  subresource: 'subresource objectrefsubresource targetsubresource objectsubresource',
  /** A verb or, in a line of Falco, also a subresource such as `exec`. */
  action: 'action eventaction',
  namespace:
    'ns namespace namespacename resourcenamespace objectnamespace objectrefnamespace targetnamespace podnamespace',
  name: 'name object objectname objectrefname resourcename targetname secretname',
  pod: 'pod podname',
  deployment: 'deployment',
  statefulset: 'statefulset',
  daemonset: 'daemonset',
  replicaset: 'replicaset',
  cronjob: 'cronjob',
  /** Not the label `job`, which Prometheus sets for the scrape job. */
  job: 'jobname',
  horizontalpodautoscaler: 'horizontalpodautoscaler',
  persistentvolumeclaim: 'persistentvolumeclaim',
  alert: 'alert alertname',
  severity: 'severity',
  command: 'command cmd',
  /** How many requests a finding stands for. */
  count: 'count eventcount',
} as const;

/** A field of an alert or a log line, by what it means to us. */
export type Field = keyof typeof NAMES;

const FIELD_OF: ReadonlyMap<string, Field> = new Map(
  Object.entries(NAMES).flatMap(([field, names]) => names.split(' ').map((name) => [name, field as Field] as const)),
);

/** Short words that people write before a value. Each counts only as the whole name, because in a log they can mean anything. */
const OF_PEOPLE: ReadonlyMap<string, Field> = new Map([
  ['who', 'username'],
  ['what', 'verb'],
  ['from', 'sourceIp'],
  ['fromip', 'sourceIp'],
  ['when', 'requested'],
  ['result', 'code'],
  ['response', 'code'],
  ['kind', 'resource'],
]);

/** Names that count only if no other name comes before them: `rule.name` is not the name of an object. */
const ALONE = new Set(
  'uid time ts timestamp name object code status resp action operation session src alert'.split(' '),
);

/** Names of the object that contains all fields of an alert. They say nothing about the fields. */
const FRAME = new Set(
  'details detail fields labels data payload body message properties attributes custom customdetails context request'.split(
    ' ',
  ),
);

/**
 * Matches names of things other than the caller and the request. Their fields are ignored: the other end of a
 * connection, a machine, the person who works on the alert, a user whom the caller impersonated.
 */
export const ELSEWHERE =
  /^(?:dest|destination|dst|hosts?|node|server|containers?|local|sensor|device|agent|vm|instances?|assignee|owners?|reporter|creator|createdby|updatedby|closedby|comments?|process|proc|file|rule|policy|control|trigger|integration|image|impersonateduser|impuser|annotations|requestobject|responseobject)$/;

/** Matches names of fields whose contents a caller, a program in a container, or the writer of an object chose. */
const CHOSEN = new RegExp(
  `^(?:${[
    '\\w{0,40}useragent\\w{0,20}|ua|browser|(?:request)?clientapplication|agentutilisateur|benutzeragent|agentedeusuario|agenteusuario',
    '(?:\\w{0,20}(?:request|http))?(?:uri|urls?|urlpath|path|query|querystring|headers?|referr?er)',
    '\\w{0,40}(?:command|cmd|cmdline|commandline|args|argv|arguments|output|stdout|stderr|hostname)',
    'env|environment|impersonateduser|annotations|image',
    '(?:request|response)(?:object|body|parameters|elements)',
    '(?:resource|object|objectref|target|secret|pod|namespace|container|image)name',
  ].join('|')})$`,
);

/** Matches names of fields with the output of a program. In a text that is no alert, it can be the answer to a request. */
export const OF_OUTPUT = /(?:output|std_?out|std_?err)$/i;

/**
 * Returns whether a caller, a program in a container, or the writer of an object chose the contents of the field at
 * this path. What such a field contains identifies nobody. For example, a user agent can be the JSON of an event.
 */
export function isChosenByCallers(path: readonly string[]): boolean {
  const words = path.flatMap((name) => name.split('.'));
  return words.some((word, at) =>
    [plainName(word), plainName(`${words[at - 1] ?? ''}${word}`)].some((name) => CHOSEN.test(name)),
  );
}

/** Matches words at the beginning of a name that only say where the field was collected. */
const OF_KUBERNETES =
  /^(?:kubernetesaudit|awseksaudit|kubernetes|kube|k8s|eks|orchestrator|ka(?=user|target|verb$|uri$|response|sourceips$|auditid$))(?=[a-z])/;

/**
 * Returns a word of a name in lower case, without marks. For example, `user_name` becomes `username`, `sourceIPs{}`
 * becomes `sourceips`, and Datadog's `@usr` becomes `usr`.
 */
export function plainWord(word: string): string {
  return word.toLowerCase() === '@timestamp' ? '@timestamp' : word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Returns the name of a field without marks, and without a first word such as `kubernetes`. */
export function plainName(name: string): string {
  return plainWord(name).replace(OF_KUBERNETES, '');
}

/** Matches a column to which a function of Splunk was applied: `values(verb)`. */
const OF_SPLUNK = /^(?:values|list|latest|earliest|last|first|max|min)\((.{1,64})\)$/;

/** Returns the name of the column inside a function of Splunk: `verb` for `values(verb)`. Returns any other name unchanged. */
export function nameWithinFunction(name: string): string {
  return OF_SPLUNK.exec(name)?.[1] ?? name;
}

/** Returns the field with this name. If the whole name is not known, its last words decide. Undefined for any other name. */
export function fieldNamed(name: string): Field | undefined {
  const inner = nameWithinFunction(name);
  const plain = plainWord(inner);
  const whole = FIELD_OF.get(plain) ?? FIELD_OF.get(plain.replace(OF_KUBERNETES, ''));
  return whole ?? fieldAt(inner.split('.').map(plainWord));
}

/** Returns the field at the end of this path. The last three names are tried together, then the last two, then the last one. */
export function fieldAt(path: readonly string[]): Field | undefined {
  if (path.slice(0, -1).some((word) => ELSEWHERE.test(word))) return undefined;
  for (const count of [3, 2, 1]) {
    const name = path.slice(-count).join('').replace(OF_KUBERNETES, '');
    if (count > 1 || !ALONE.has(name) || path.slice(0, -1).every((word) => FRAME.has(word))) {
      const field = FIELD_OF.get(name);
      if (field !== undefined) return isOfOther(field, path) ? undefined : field;
    }
  }
  return undefined;
}

/** Returns whether the field names the user to whom something was done. This user is not the caller. */
function isOfOther(field: Field, path: readonly string[]): boolean {
  return (field === 'username' || field === 'principalId') && path.some((word) => /^(?:target|victim)/.test(word));
}

/** Returns the field for a label that a person or a tool wrote before a value. Also accepts short words such as `who:` and `when:`. */
export function fieldOfLabel(name: string): Field | undefined {
  const words = name.split('.').map(plainWord);
  const isWhole = words.slice(0, -1).every((word) => FRAME.has(word));
  return fieldNamed(name) ?? (isWhole ? OF_PEOPLE.get(words.at(-1) ?? '') : undefined);
}
