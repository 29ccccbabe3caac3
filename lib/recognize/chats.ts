import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt } from '../json.ts';

/** The maximum number of texts in one message. */
const MOST_TEXTS = 100;

/**
 * Returns the texts of a chat message in the form of a Slack webhook. Each attachment with text gives one. If there are
 * none, all blocks together give one, or else the message's own `text`. Source: Slack, "Reference: Secondary message
 * attachments" (`title`, `text`, `fields`) and "Block Kit" (`blocks`).
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

/** Joins the texts of the parts, one in each line. Empty list if no part has a text. */
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
