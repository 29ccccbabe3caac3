import { subjectOfUser } from './events.ts';
import { fieldsForm } from './fields.ts';
import { ambiguousForm, distinctForm, readUid } from './forms.ts';
import { type Form, form, type Gathering } from './gathering.ts';
import { refusalForm } from './refusal.ts';
import { workloadForm } from './shown-name.ts';
import { tidied, wordOf } from './tidy.ts';

/** The one word that the whole text is, however it was copied. */
export function gatherWord(word: string, to: Gathering): void {
  const found =
    distinctForm(word) ??
    workloadForm(word) ??
    (NAMED_FIELD.test(word) ? fieldsForm(word) : undefined) ??
    ambiguousForm(word);
  if (found !== undefined) to.add(found);
}

/** `uid="…"`, `accessKeyId=ASIA…`: a word that names its field. Usernames with `:` are no such words. */
const NAMED_FIELD = /^["']?[A-Za-z][\w.-]{0,40}["']?(?:=|:["'])/;

/** More lines than are read of a log. */
const MOST_LINES = 10_000;

/** Lines of errors and logs; where none is one, the ids among the words. */
export function gatherText(text: string, to: Gathering): void {
  const lines = text.split(/\r?\n/, MOST_LINES);
  const found = lines.map((line) => refusalForm(line) ?? fieldsForm(line));
  if (found.some((each) => each !== undefined)) return gatherForms(found, to);
  const pair = pairForm(text);
  gatherForms(pair === undefined ? wordForms(text) : [pair], to);
}

/** A uid and the username that belongs to it, in either order, as tables and messages have them side by side. */
function pairForm(text: string): Form | undefined {
  if (text.length > 4_096) return undefined;
  const words = text.split(/[\s,;]+/).map((word) => tidied(wordOf(word)));
  const [one = '', other = '', ...more] = words.filter((word) => word !== '');
  if (more.length > 0 || other === '') return undefined;
  const [first, second] = [readUid(one), readUid(other)];
  if ((first === undefined) === (second === undefined)) return undefined;
  const read = first ?? second;
  const username = first === undefined ? one : other;
  const subject = subjectOfUser({ uid: read?.uid, username }, {});
  return form('uid-and-username', [subject], read?.notes);
}

/** The ids in a text, each once: whatever else it says, it may be anybody's. */
function wordForms(text: string): readonly (Form | undefined)[] {
  const words = new Set(text.split(/[\s"'`,;]+/).map((word) => tidied(wordOf(word))));
  return [...words].map((word) => distinctForm(word));
}

/** The same line again names nobody new. */
function gatherForms(forms: readonly (Form | undefined)[], to: Gathering): void {
  const seen = new Set<string>();
  for (const each of forms) {
    if (each === undefined) continue;
    const identity = JSON.stringify([each.kind, each.subjects]);
    if (!seen.has(identity)) to.add(each);
    seen.add(identity);
  }
}
