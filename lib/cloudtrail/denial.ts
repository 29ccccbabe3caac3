/** A call that AWS refused, as the message of the error states it. Trust: none if somebody pasted the message. */
export interface Denial {
  /** The ARN of the caller. */
  readonly user: string;
  /** `sts:AssumeRole` */
  readonly action: string;
  readonly on?: string | undefined;
}

/** Matches who was refused, which action, and on what (FACTS, "Findings"). */
const DENIED =
  /\bUser: (arn:aws[a-z-]{0,20}:(?:iam|sts)::\d{12}:\S{1,512}) is not authorized to perform: ([a-z0-9-]{1,64}:[A-Za-z]{1,128})(?![\w:])(?: on resource: (arn:[^\s,;]{1,2048}?)(?=[\s,;.]*(?:\s|$)))?/;

/** Returns the refused call in a text. Undefined if the text has no such message. */
export function denialIn(text: string): Denial | undefined {
  const [, user, action, on] = DENIED.exec(text) ?? [];
  return user === undefined || action === undefined ? undefined : { user, action, ...(on !== undefined && { on }) };
}
