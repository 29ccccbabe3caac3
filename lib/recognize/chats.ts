import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt } from '../json.ts';

/** Limits the texts of one message. */
const MOST_TEXTS = 100;

/**
 * Returns the texts of a chat message, as a webhook for Slack has it: one for each attachment. If no attachment has a text, returns one
 * text of all blocks, or else the message's own.
 * Source: Slack, "Reference: Secondary message attachments" (`title`, `text`, `fields`) and "Block Kit" (`blocks`).
 */
export function textsOfChat(value: unknown): readonly string[] {
  if (!isJsonObject(value)) return [];
  const attached = objectsAt(value, 'attachments').flatMap((each) => textOf([each, ...objectsAt(each, 'blocks')]));
  const blocks = textOf(objectsAt(value, 'blocks'));
  const texts =
    attached.length > 0 ? attached : blocks.length > 0 ? blocks : [filledTextAt(value, 'text') ?? []].flat();
  return texts.slice(0, MOST_TEXTS);
}

function objectsAt(value: JsonObject, name: string): readonly JsonObject[] {
  return (listAt(value, name) ?? []).filter(isJsonObject);
}

/** Returns one text with the texts of the parts, each on a line of its own. Returns an empty list if the parts have no text. */
function textOf(parts: readonly JsonObject[]): readonly string[] {
  const lines = parts.flatMap((part) => [
    filledTextAt(part, 'title') ?? [],
    filledTextAt(part, 'text') ?? filledTextAt(objectAt(part, 'text'), 'text') ?? [],
    ...objectsAt(part, 'fields').map(fieldText),
  ]);
  const text = lines.flat().join('\n');
  return text === '' ? [] : [text];
}

function fieldText(field: JsonObject): readonly string[] {
  const [title, value] = [filledTextAt(field, 'title'), filledTextAt(field, 'value')];
  return title === undefined || value === undefined
    ? [filledTextAt(field, 'text') ?? []].flat()
    : [`${title}: ${value}`];
}
