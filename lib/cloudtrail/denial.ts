/**
 * A call that AWS refused, as the error message states it. Trust: anybody may have written a message that was pasted.
 */
export interface Denial {
  /** The ARN of the caller. */
  readonly user: string;
  /** The action, for example `sts:AssumeRole`. */
  readonly action: string;
  readonly on?: string | undefined;
}

/** Matches an error message with the refused caller, the action, and the resource (FACTS, "Findings"). */
const DENIED =
  /\bUser: (arn:aws[a-z-]{0,20}:(?:iam|sts)::\d{12}:\S{1,512}) is not authorized to perform: ([a-z0-9-]{1,64}:[A-Za-z]{1,128})(?![\w:])(?: on resource: (arn:[^\s,;]{1,2048}?)(?=[\s,;.]*(?:\s|$)))?/;

/** Returns the refused call in a text. Undefined if the text has no such message. */
export function denialIn(text: string): Denial | undefined {
  const [, user, action, on] = DENIED.exec(text) ?? [];
  return user === undefined || action === undefined ? undefined : { user, action, ...(on !== undefined && { on }) };
}
