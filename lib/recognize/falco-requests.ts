import type { RequestAction } from '../audit/action.ts';
import { bindingOfRule, type RequestOfRule, RULE_WORDS, ruleOf } from './falco-rules.ts';
import { fieldsForm } from './fields.ts';
import type { Form } from './form-collector.ts';

/**
 * Matches a line with the sentence of a Falco rule for audit logs, followed by its fields. What comes before the
 * sentence must be short, and without quotes, brackets and `=`. So no value that a caller chose can be there.
 */
const LINE = new RegExp(`^([^"'(={}]{0,200}?)\\b(${RULE_WORDS})\\s{1,3}\\((user=.{1,65536})$`);
/** Matches the first field that has a part of a request body, or names from RBAC rules. */
const BODY = / (?:subjects?|rules|images|volumes|ports|config|decision|reason|ephemeral_container_name)=/;
const SUBJECTS = / subjects?=(.*?)(?: role=([^\s{}"]+)(?= resp=\d{3} )|$)/;
const CODE = / resp=(\d{3})(?= decision=)/g;
/** Matches the user. Usernames can have spaces. */
const USER = /^ user=([^"]+?)(?= [a-z]+=|\s*$)/;
const EMPTY = / [a-z]+=(?:<NA>(?:\/<NA>)?)?(?=[ )]|$)/g;

/** Returns whether a line has the sentence of a rule of Falco for audit logs. */
export function isFalcoRequest(line: string): boolean {
  return line.includes('(user=') && LINE.test(line);
}

/**
 * Returns the request that a Falco line about an audit event describes, with its caller. Undefined for any other line.
 * Caller and object are not taken from the body: the body of a binding names those who get a role.
 */
export function falcoRequestForm(line: string, date?: string): Form | undefined {
  const [, prefix = '', sentence = '', fields = ''] = isFalcoRequest(line) ? (LINE.exec(line) ?? []) : [];
  const { request, name } = ruleOf(sentence) ?? {};
  if (request === undefined) return undefined;
  const head = (` ${fields}`.split(BODY, 1)[0] ?? '').replaceAll(EMPTY, '');
  const named = name === undefined ? head : withName(head, name, request.resource === 'namespaces');
  const stated = named
    .replaceAll(EMPTY, '')
    .replace(/\)\s*$/, '')
    .replace(USER, (_, user) => ` user=${JSON.stringify(user)}`);
  const { role: _role, ...parts } = request;
  const codes = [...fields.matchAll(CODE)].map(([, code]) => code);
  const all = [
    ...Object.entries(parts).map((pair) => pair.join('=')), // If a field has another value than the rule, no field of the request counts.
    ...(codes.length === 1 && !/ resp=/.test(stated) ? [`resp=${codes[0]}`] : []),
  ];
  const found = fieldsForm(`${prefix}${sentence} (${[stated.trim(), ...all].join(' ')}`, date);
  return found && withAction({ ...found, kind: 'falco-alert' }, actionOfBinding(request, fields));
}

/**
 * Puts the object's name into the field `name`. For an object that is a namespace, removes the fields with its
 * namespace, because namespaces are cluster-wide.
 */
function withName(fields: string, field: string, isNamespace: boolean): string {
  if (field === 'target') return fields.replace(/ target=([^\s/]+)\/(\S+)/, ' name=$1 resource=$2');
  const named = fields.replace(` ${field}=`, ' name=');
  return isNamespace ? named.replaceAll(/ (?:ns|namespace)=\S+/g, '') : named;
}

function actionOfBinding(request: RequestOfRule, fields: string): RequestAction | undefined {
  const [, subjects] = SUBJECTS.exec(fields) ?? [];
  return subjects === undefined ? undefined : bindingOfRule(request, subjects);
}

function withAction(form: Form, action: RequestAction | undefined): Form {
  if (action === undefined) return form;
  const subjects = form.subjects.map((subject) => ({
    ...subject,
    circumstances: { ...subject.circumstances, action: { ...subject.circumstances.action, ...action } },
  }));
  return { ...form, subjects };
}
