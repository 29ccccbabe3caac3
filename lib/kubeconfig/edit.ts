import { type Document, isAlias, isMap, isNode, isScalar, isSeq, visit, YAMLMap, YAMLSeq } from 'yaml';
import { KubeconfigError } from './kubeconfig-error.ts';
import { textScalar } from './scalar.ts';

/** What a field is to be: text, a list of texts, or gone. */
export type FieldValue = string | readonly string[] | undefined;

/**
 * Sets the fields in the mapping and leaves all others, their order and their comments alone; a field that says so
 * already is not touched. Returns the names of those that were changed.
 */
export function setFields(document: Document, map: YAMLMap, fields: Readonly<Record<string, FieldValue>>): string[] {
  return Object.entries(fields).flatMap(([key, value]) => (setField(document, map, key, value) ? [key] : []));
}

function setField(document: Document, map: YAMLMap, key: string, value: FieldValue): boolean {
  if (value === undefined) return map.delete(key);
  if (JSON.stringify(plainAt(document, map, key)) === JSON.stringify(value)) return false;
  const old = map.get(key, true);
  if (typeof value === 'string' && isScalar(old)) {
    old.value = value;
    const { type } = textScalar(value);
    if (type !== undefined) old.type = type;
    else if (old.type?.startsWith('BLOCK')) delete old.type;
    return true;
  }
  map.set(key, nodeOf(value));
  return true;
}

function plainAt(document: Document, map: YAMLMap, key: string): unknown {
  const node = map.get(key, true);
  return isNode(node) ? node.toJS(document) : node;
}

function nodeOf(value: string | readonly string[]): unknown {
  if (typeof value === 'string') return textScalar(value);
  const list = new YAMLSeq();
  for (const text of value) list.add(textScalar(text));
  return list;
}

/** The mapping at the key, made where there is none, or where something else stands. */
export function mapAt(map: YAMLMap, key: string): YAMLMap {
  const found = map.get(key, true);
  if (isMap(found)) return found;
  const made = new YAMLMap();
  map.set(textScalar(key), made);
  return made;
}

/** Sets (or, without a value, removes) one variable in `exec.env`, a list of names and values; keeps the others. */
export function setVariable(document: Document, exec: YAMLMap, name: string, value: string | undefined): boolean {
  const list = exec.get('env', true);
  const items = isSeq(list) ? list.items : [];
  const found = items.find((item) => isMap(item) && item.get('name') === name);
  if (value === undefined) return isSeq(list) && found !== undefined && removeItem(exec, list, found);
  if (isMap(found)) return setFields(document, found, { value }).length > 0;
  const variable = new YAMLMap();
  setFields(document, variable, { name, value });
  if (isSeq(list)) list.add(variable);
  else exec.set('env', Object.assign(new YAMLSeq(), { items: [variable] }));
  return true;
}

function removeItem(exec: YAMLMap, list: YAMLSeq, item: unknown): boolean {
  list.items = list.items.filter((one) => one !== item);
  if (list.items.length === 0) exec.delete('env');
  return true;
}

/**
 * Refuses to change an entry that shares its content with others by YAML anchors and aliases: the change would reach
 * them too.
 */
export function refuseShared(path: string, what: string, node: YAMLMap): void {
  visit(node, (_, inner) => {
    if (isAlias(inner) || (isNode(inner) && !isAlias(inner) && inner.anchor !== undefined)) {
      throw new KubeconfigError(`${path} shares ${what} by YAML anchors: write it out there before it is changed.`);
    }
  });
}
